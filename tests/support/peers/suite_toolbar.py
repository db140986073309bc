"""django-debug-toolbar as in development, and Django's own names of the nonce."""

import re
from typing import Any

import django
import pytest
from django.core.checks import run_checks
from django.test import Client


def nonce_of(answer: Any) -> str:
    (nonce,) = re.findall(r"script-src 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    return str(nonce)


def test_the_toolbar_s_scripts_carry_the_nonce(client: Client, db: None) -> None:
    answer = client.get("/page")
    page = answer.content.decode()
    scripts = re.findall(r"<script[^>]*>", page)
    assert any("debug_toolbar/js/toolbar.js" in script for script in scripts)
    assert all(f'nonce="{nonce_of(answer)}"' in script for script in scripts)


def test_every_name_is_the_nonce_of_the_answer(client: Client, db: None) -> None:
    answer = client.get("/nonces")
    assert set(answer.json()) == {nonce_of(answer)}


def test_a_page_that_asks_for_none_gets_none(client: Client, db: None) -> None:
    assert "'nonce-" not in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.skipif(django.VERSION < (6,), reason="Django has a policy of its own from version 6 on")
def test_a_policy_of_django_s_own_is_told_that_it_does_not_count(settings: Any) -> None:
    from django.utils.csp import CSP

    def told() -> list[str]:
        return [found.msg for found in run_checks() if found.id == "bastide.W005"]

    assert told() == []
    for name in ("SECURE_CSP", "SECURE_CSP_REPORT_ONLY"):
        setattr(settings, name, {"default-src": [CSP.SELF]})
        assert told() == [f"settings.{name} is not sent: Bastide's policy counts"]
        setattr(settings, name, {})
