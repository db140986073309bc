"""What an import of Bastide brings into every worker."""

import subprocess
import sys

import pytest

# Each takes long to import or much memory, and most requests need none of them.
LATE = (
    "PIL", "asyncpg", "email.message", "email_validator", "phonenumbers", "pikepdf", "rich", "segno", "smtplib",
    "sqlalchemy.dialects.postgresql", "urllib.request", "webauthn",
)  # fmt: skip


@pytest.mark.parametrize("adapter", ["flask", "django"])
def test_what_is_slow_to_import_is_imported_when_it_is_first_used(adapter: str) -> None:
    # What the framework brings itself is no matter of ours.
    begin = (
        "import flask_wtf, sqlalchemy, sys"
        if adapter == "flask"
        else "import django.db.models, django.http, sys"
    )
    script = f"{begin}\nthere = set(sys.modules)\nimport bastide.{adapter}\nprint(*set(sys.modules) - there)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    imported = done.stdout.split()
    assert f"bastide.{adapter}" in imported
    assert [name for name in LATE if name in imported] == []
