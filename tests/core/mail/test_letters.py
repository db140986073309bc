"""Every message of the controls is made in one place, of words that are not the core's."""

import ast
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from bastide.core.foundation import InvalidInput
from bastide.core.mail import Fact, Letters, MailText, Message
from bastide.pages.sentences import MAIL_SENTENCES, NOTICE_BODY, NOTICE_SENTENCES
from conftest import ROOT

CORE = ROOT / "src/bastide/core"


class Plain:
    """Words that say what they are given."""

    def write(self, text: MailText, facts: Mapping[str, Fact]) -> tuple[str, str]:
        return f"{text} {facts.get('value', '')}", repr(dict(facts))


def test_a_text_gets_its_facts_and_the_sites_name_and_nobody_else_chooses_who_reads_it() -> None:
    letters = Letters(texts=Plain(), site_name="The blog")
    facts = {"link": "https://blog.example/link", "lifetime": timedelta(minutes=10)}
    assert letters.write(MailText.RESET_LINK, to="maud@example.org", facts=facts) == Message(
        to="maud@example.org", subject="reset_link ", body=repr({"site": "The blog", **facts})
    )


@pytest.mark.asvs("V1.3.11")
def test_no_fact_smuggles_a_header() -> None:
    letters = Letters(texts=Plain(), site_name="The blog")
    with pytest.raises(InvalidInput, match="subject"):
        letters.write(
            MailText.VALUE_CHANGED, to="maud@example.org", facts={"value": "x\r\nBcc: eve@example.org"}
        )
    with pytest.raises(InvalidInput, match="to"):
        letters.write(MailText.VALUE_CHANGED, to="maud@example.org,eve@example.org", facts={})


def test_messages_are_made_here_and_read_back_in_the_outbox_only() -> None:
    makers = [
        str(path.relative_to(CORE))
        for path in sorted(CORE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message"
    ]
    assert makers == ["mail/letters.py", "mail/outbox.py"]


def test_no_sentence_of_a_mail_is_left_in_the_core() -> None:
    sentences = [NOTICE_BODY, *(part for pair in MAIL_SENTENCES.values() for part in pair)]
    sentences += [part for pair in NOTICE_SENTENCES.values() for part in pair]
    pieces = {part.strip(" .:") for text in sentences for part in re.split(r"\{\w+\}|\n", text)}
    texts = [
        " ".join(str(node.value).split())
        for path in CORE.rglob("*.py")
        for node in ast.walk(_without_docstrings(ast.parse(path.read_text(encoding="utf-8"))))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    telling = {piece for piece in pieces if len(piece) > 15}
    assert len(telling) > 40
    assert [piece for piece in sorted(telling) if any(piece in text for text in texts)] == []


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [entry for entry in body if not _is_text(entry)]  # type: ignore[attr-defined]
    return tree


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
