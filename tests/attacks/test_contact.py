"""What the contact form does with what strangers send: judged, kept, passed on by mail."""

from datetime import timedelta

import pytest

from bastide.core.foundation import StoreUnavailable
from support.blog import EDITORS, Blog, Browser
from support.rows import rows


def contact_form(browser: Browser) -> dict[str, str]:
    """Open the contact form and fill it in."""
    stamp = browser.get("/contact").text.partition('name="started" value="')[2].partition('"')[0]
    return {
        "name": "Zoë O'Brien", "email": "zoe@example.org", "phone": "+44 20 7946 0000", "subject": "A question",
        "message": "Where do I click here, please?", "company": "", "started": stamp,
    }  # fmt: skip


@pytest.mark.asvs("V2.4.1", "V2.4.2")
def test_a_contact_form_that_was_opened_once_is_delivered_once(blog_on_each_database: Blog) -> None:
    blog = blog_on_each_database
    farm = [blog.browser(address=f"203.0.113.{number}") for number in range(1, 8)]
    forms = [contact_form(browser) for browser in farm[:2]]
    assert forms[0]["started"] != forms[1]["started"]
    blog.clock.advance(timedelta(seconds=4))
    for browser in farm:
        assert browser.post("/contact", forms[0]).status_code == 303
    assert farm[0].post("/contact", forms[1]).status_code == 303
    kept = [suspicion for (suspicion,) in blog.rows("SELECT suspicion FROM contact_message ORDER BY id")]
    assert kept == ["", *["used, phrase: click here"] * 6, ""]
    assert blog.kinds().count("request:spam:queued") == 6


@pytest.mark.asvs("V1.3.11", "V2.4.2", "V2.4.1")
def test_contact_messages_are_judged_kept_and_never_smuggle_headers(blog: Blog) -> None:
    browser = blog.browser()
    form = contact_form(browser)
    for change in (
        {"name": "x\r\nBcc: victim@example.org"},
        {"subject": "a\u2028b"},
        {"email": "a@b.org\nBcc: c@d.org"},
    ):
        assert browser.post("/contact", {**form, **change}).status_code == 400
    assert browser.post("/contact", form).headers["Location"] == "/contact/sent"
    blog.clock.advance(timedelta(seconds=4))
    assert browser.post("/contact", form).status_code == 303
    assert browser.post("/contact", {**form, "company": "Acme"}).status_code == 303
    kept = blog.rows("SELECT name, phone, suspicion FROM contact_message ORDER BY id")
    assert kept == [
        ("Zoë O'Brien", "+442079460000", reason)
        for reason in ("too fast, phrase: click here", "", "honeypot, used, phrase: click here")
    ]
    assert [browser.post("/contact", form).status_code for _ in range(3)] == [303, 303, 429]
    assert "zoe@example.org" in blog.signed_in("boss1", "administrator").get("/admin/messages").text


def send(blog: Blog, browser: Browser, **change: str) -> None:
    form = {**contact_form(browser), **change}
    blog.clock.advance(timedelta(seconds=4))
    assert browser.post("/contact", form).status_code == 303


@pytest.mark.asvs("V1.3.11")
def test_a_message_is_mailed_once_to_the_people_who_read_the_box(blog: Blog) -> None:
    browser = blog.browser()
    form = contact_form(browser)
    blog.clock.advance(timedelta(seconds=4))
    for _ in range(3):
        assert browser.post("/contact", form).status_code == 303
    assert [message.to for message in blog.outbox.messages] == list(EDITORS)
    message = blog.outbox.messages[0]
    assert (message.subject, message.reply_to) == ("Contact form: A question", "zoe@example.org")
    assert message.body == (
        "Zoë O'Brien <zoe@example.org>, +442079460000, wrote through the contact form:\n\n"
        "Where do I click here, please?\n"
    )
    assert blog.rows("SELECT count(*) FROM bastide_mail")[0][0] == 0
    assert blog.kinds().count("blog:contact:mailed") == 1
    assert blog.rows("SELECT count(*) FROM contact_message")[0][0] == 3


def test_mail_that_waits_for_its_server_is_handed_over_once(
    blog: Blog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_message: object) -> None:
        reason = "away"
        raise StoreUnavailable(reason)

    with monkeypatch.context() as down:
        down.setattr(blog.outbox, "send", away)
        send(blog, blog.browser())
    assert blog.outbox.messages == []
    blog.clock.advance(timedelta(minutes=2))
    assert blog.services.outbox.deliver() == len(EDITORS)
    assert blog.services.outbox.deliver() == 0
    assert sorted(message.to for message in blog.outbox.messages) == sorted(EDITORS)


@rows(
    ("change", "reasons"),
    [
        ({"message": "Buy now, and you get free money."}, "phrase: buy now, phrase: free money"),
        ({"message": "There is free money if you click here."}, "phrase: click here, phrase: free money"),
        ({"name": "Zoe", "message": "Good morning."}, "the name is the address's"),
        ({"name": "ZOE@example.org", "message": "Good morning."}, "the name is the address's"),
        ({"name": "ｚｏｅ", "message": "Good morning."}, "the name is the address's"),
        ({"name": "Buy now", "message": "Free money for everyone."}, "phrase: buy now, phrase: free money"),
    ],
)
@pytest.mark.asvs("V2.4.2")
def test_what_programs_write_waits_for_a_person(blog: Blog, change: dict[str, str], reasons: str) -> None:
    kept = blog.rows("SELECT count(*) FROM contact_message")[0][0]
    send(blog, blog.browser(address=f"203.0.113.{kept + 1}"), **change)
    assert blog.rows("SELECT suspicion FROM contact_message ORDER BY id DESC")[0][0] == reasons
    assert blog.outbox.messages == []
    assert "request:spam:queued" in blog.kinds()
