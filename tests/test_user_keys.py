"""Users whose keys are UUIDs: the stores, the account pages and the policies hold for them as for numbers.

Which model a project's users are is settled when a process starts, so this runs in one of its own.
"""

import os
import subprocess
import sys

import pytest

from conftest import ROOT
from support.uuid_site import is_tried

# What needs the blog's own pages, or a database table that only integers make.
OF_THE_BLOG = (
    "administrator", "role", "own_script", "factor_that_a_role", "fresh_factor", "changed_browser", "at_the_next_request", "another_request_wrote",
    "loses_its_account",
)  # fmt: skip
SUITES = {
    # What else is kept knows no account's key, or only its text.
    "contracts": (
        [f"tests/contracts/stores/test_{name}.py" for name in ("accounts", "sessions", "tokens", "factors", "passkeys", "uploads", "tickets", "database")],
        "django",
    ),
    "pages": (
        [f"tests/attacks/test_{name}.py" for name in ("sign_in", "sessions", "recovery", "email", "factors", "passkeys", "devices")],
        "default" + "".join(f" and not {name}" for name in OF_THE_BLOG),
    ),
    "own": (["tests/support/uuid_site/suite.py"], ""),
}  # fmt: skip


@pytest.mark.asvs("V8.2.2", "V15.4.2")
@pytest.mark.parametrize("suite", SUITES)
def test_everything_holds_for_users_with_uuid_keys(suite: str) -> None:
    assert not is_tried()
    files, chosen = SUITES[suite]
    done = subprocess.run(  # noqa: S603 -- this interpreter
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *files, "-k", chosen],
        cwd=ROOT, env={**os.environ, "BASTIDE_TRY": "uuid_site"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
