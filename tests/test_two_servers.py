"""Two servers started in one moment on one empty folder: both come up, and the content is there once."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from conftest import ROOT


def test_two_servers_at_once_share_one_empty_folder(framework: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'examples'}"}
    servers = [
        subprocess.Popen(  # noqa: S603 -- this interpreter
            [sys.executable, "-W", "ignore", "-m", f"blog_{framework}", "--data", str(tmp_path)],
            env=environment, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        said = []
        for server in servers:
            assert server.stdout is not None
            lines: list[str] = []
            while not re.search(r"/account/invitation/", "".join(lines)):
                lines.append(server.stdout.readline())
                assert lines[-1], "".join(lines)
            said.append("".join(lines))
        addresses = [re.findall(r"The blog is at (\S+)", text)[0] for text in said]
        invitations = [re.findall(r"\S+/account/invitation/\S+", text)[0] for text in said]
        assert len(set(addresses)) == 2
        assert sum("Demo content loaded" in text for text in said) == 1
        for address in addresses:
            assert urlopen(address).status == 200  # noqa: S310 -- on this machine
        assert len(set(invitations)) == 2
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.communicate()
