"""Browsers are told apart by family."""

from bastide.core.foundation import agent_family
from bastide.core.records import account_key
from support.blog import FIREFOX

CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def test_browser_families_ignore_versions() -> None:
    assert agent_family(FIREFOX) == agent_family(FIREFOX.replace("140", "141")) == "Firefox on Linux"
    assert agent_family(CHROME) == "Chrome on Windows"
    assert agent_family(f"{CHROME} Edg/140.0") == "Edge on Windows"
    assert agent_family("") == "Other on other"
    assert account_key(" ＭＡＵＤ ") == account_key("maud") == "maud"
