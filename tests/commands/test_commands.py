"""``flask bastide …`` and ``manage.py bastide_…``: what each command changes, says and refuses."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bastide.core.encryption import KeyRing
from bastide.core.foundation import StoreUnavailable, minute_text
from bastide.core.mail import Message
from support.blog import KEYS, Blog, links_in
from support.rows import rows


@pytest.mark.profiles("passwords.preset")
def test_an_invitation_works_once_and_makes_an_administrator(blog: Blog) -> None:
    status, output = blog.run("invite", "--base-url", "https://blog.example")
    assert status == 0
    path = output.strip().removeprefix("https://blog.example")
    assert re.fullmatch(r"/account/invitation/[\w-]{43}", path)
    form = {
        "email": "ada@example.org", "username": "ada", "password": "a long and quiet phrase",
        "password_again": "a long and quiet phrase",
    }  # fmt: skip
    assert blog.browser().post(path, form).status_code == 303
    assert blog.browser().get(path).status_code == 404
    ada = blog.services.stores.accounts.find_account("ada")
    assert ada is not None
    assert ada.roles == {"administrator"}


def test_accounts_are_listed_disabled_and_enabled(blog: Blog) -> None:
    maud = blog.signed_in("maud")
    status, output = blog.run("users", "list")
    assert status == 0
    assert "maud@example.org" in output
    assert blog.run("users", "disable", "maud")[0] == 0
    assert maud.get("/account").status_code == 303
    assert blog.browser().sign_in("maud").status_code == 403
    assert blog.run("users", "enable", "maud")[0] == 0
    assert blog.browser().sign_in("maud").status_code == 303
    assert blog.kinds().count("account:status:disabled") == blog.kinds().count("account:status:enabled") == 1


def test_a_lock_is_lifted(blog: Blog) -> None:
    blog.add_account("maud")
    for _ in range(5):
        blog.browser().sign_in("maud", "wrong password number one")
    assert blog.browser().sign_in("maud").status_code == 429
    assert blog.run("users", "unlock", "maud")[0] == 0
    assert blog.browser().sign_in("maud").status_code == 303
    assert "account:lock:lifted" in blog.kinds()


@pytest.mark.asvs("V8.2.1", "V16.3.1")
def test_roles_of_an_older_database_are_extended_when_somebody_means_it(blog: Blog) -> None:
    """The permissions to comment and to edit one's profile came after the first databases were made."""
    for name in ("write_comment", "edit_profile"):
        if blog.framework == "flask":
            blog.rows_changed(f"DELETE FROM bastide_role_permission WHERE permission = '{name}'")
        else:
            wanted = f"(SELECT id FROM auth_permission WHERE codename = '{name}')"
            blog.rows_changed(f"DELETE FROM auth_group_permissions WHERE permission_id IN {wanted}")
            blog.rows_changed(f"DELETE FROM auth_permission WHERE codename = '{name}'")
    writer = blog.signed_in("maud", "author", "reader")
    post = blog.publish(writer, "A plain post")
    reader, comment = blog.signed_in("ines"), {"body": "May I?"}
    path = f"/posts/{post}/comments"
    assert blog.run("roles")[0] == 0
    assert reader.post(path, comment).status_code == 403
    status, told = blog.run("roles", "--extend")
    assert status == 0
    lines = [line for line in told.splitlines() if " now has " in line]
    assert sorted(lines) == sorted(
        f"{role} now has {name}"
        for role in ("reader", "author", "moderator", "administrator")
        for name in ("write_comment", "edit_profile")
    )
    assert blog.kinds().count("access:role:extended") == 8
    assert reader.post(path, comment).status_code == 303
    assert " now has " not in blog.run("roles", "--extend")[1]
    assert blog.kinds().count("access:role:extended") == 8


def test_roles_are_granted_and_revoked(blog: Blog) -> None:
    blog.add_account("maud")
    accounts = blog.services.stores.accounts
    for command, roles in (("grant", {"reader", "author"}), ("revoke", {"reader"})):
        assert blog.run("users", command, "maud", "author")[0] == 0
        account = accounts.find_account("maud")
        assert account is not None
        assert account.roles == roles
    assert "change_any_post" in blog.run("roles")[1]
    assert blog.run("users", "grant", "maud", "emperor")[0] != 0


def test_tokens_are_listed_and_revoked(blog: Blog) -> None:
    maud = blog.signed_in("maud")
    form = {"name": "Backup", "days": "30", "scope.read_post": "yes"}
    assert maud.post("/account/tokens", form).status_code == 200
    status, output = blog.run("tokens", "list", "maud")
    assert (status, output.splitlines()[0]) == (0, "1 API tokens")
    expires = f"expires {minute_text(blog.clock.now() + timedelta(days=30))}"
    assert output.splitlines()[1].split("\t")[1:] == ["Backup", "read_post", expires, "last used never"]
    assert blog.run("tokens", "revoke", "maud") == (0, "0 API tokens\n")
    assert blog.run("tokens", "revoke", "maud") == (0, "0 API tokens\n")
    assert blog.kinds().count("account:token:revoked") == 1
    status, output = blog.run("tokens", "revoke", "nobody")
    assert (status, "nobody is called 'nobody'" in output) == (1, True)


@rows("command", ["disable", "enable", "unlock", "grant", "revoke"])
def test_nobody_of_that_name_is_an_error(blog: Blog, command: str) -> None:
    role = ("author",) if command in {"grant", "revoke"} else ()
    status, output = blog.run("users", command, "nobody", *role)
    assert status == 1
    assert "nobody is called 'nobody'" in output


def test_mail_that_waits_is_handed_over(blog: Blog, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(message: Message) -> None:
        raise StoreUnavailable(message.subject)

    with monkeypatch.context() as patch:
        patch.setattr(blog.outbox, "send", away)
        answer = blog.browser().post("/account/register", {"email": "maud@example.org"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/register/sent")
    assert blog.run("mail") == (0, "0 handed over, 1 waiting\n")
    blog.clock.advance(timedelta(minutes=1))
    assert blog.run("mail") == (0, "1 handed over, 0 waiting\n")
    assert len(links_in(blog.outbox.messages[0])) == 1


def test_what_is_past_its_time_is_purged_and_routes_printed(blog: Blog) -> None:
    blog.signed_in("maud")
    blog.browser().post("/account/register", {"email": "ada@example.org"})
    kept = [
        "0 sessions deleted",
        "0 attempt lanes deleted",
        "0 tickets deleted",
        "0 API tokens deleted",
        "0 abandoned uploads deleted",
        "0 events deleted",
    ]
    assert blog.run("purge")[1].splitlines() == kept
    events = len(blog.kinds())
    blog.clock.advance(timedelta(days=366))
    status, output = blog.run("purge")
    found = [int(line.partition(" ")[0]) for line in output.splitlines()]
    assert (status, found[0], found[2], found[5]) == (0, 1, 1, events)
    assert found[1] > 0
    assert blog.kinds() == ["system:log:purged"]
    assert blog.run("log", "verify")[0] == 0
    assert "stranger=deny" in blog.run("routes")[1]


def test_the_log_is_verified_noted_exported_and_trimmed(blog: Blog) -> None:
    assert blog.run("log", "verify") == (0, "0 events verified\nno row is chained yet\n")
    blog.signed_in("maud")
    status, output = blog.run("log", "verify")
    count, head = len(blog.kinds()), output.splitlines()[1].removeprefix("head ")
    assert (status, output) == (0, f"{count} events verified\nhead {head}\n")
    blog.clock.advance(timedelta(days=40))
    since = blog.clock.now()
    blog.browser().sign_in("maud", "wrong password number one")
    assert blog.run("log", "verify", "--expect", head)[0] == 0
    assert blog.run("log", "verify", "--expect", f"{head[:-1]}{'0' if head[-1] != '0' else '1'}")[0] == 1
    assert "anchor" in blog.run("log", "verify", "--expect", f"{count}:{'0' * 64}")[1]
    assert "expect: malformed" in blog.run("log", "verify", "--expect", "head")[1]
    lines = [json.loads(line) for line in blog.run("log", "export")[1].splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert f"{lines[count - 1]['sequence']}:{lines[count - 1]['link']}" == head
    newer = blog.run("log", "export", "--since", since.isoformat())[1].splitlines()
    older = blog.run("log", "export", "--until", since.replace(tzinfo=None).isoformat())[1].splitlines()
    assert [json.loads(line) for line in older + newer] == lines
    assert len(older) == count
    assert blog.run("log", "export", "--since", "yesterday")[0] == 1
    assert "since: malformed" in blog.run("log", "export", "--since", "yesterday")[1]
    assert blog.run("log", "purge")[1] == "0 events deleted\n"
    assert blog.run("log", "purge", "--older-than", "30") == (0, f"{count} events deleted\n")
    assert blog.run("log", "verify")[0] == 0
    assert blog.run("log", "verify", "--expect", head)[0] == 0


@rows("days", ["-5", "1000000"])
def test_an_age_that_means_nothing_drops_nothing(blog: Blog, days: str) -> None:
    blog.signed_in("maud")
    before = blog.kinds()
    assert blog.run("log", "purge", "--older-than", days)[0] == 1
    assert blog.kinds() == before
    assert blog.run("log", "verify", "--expect", f"{'9' * 5000}:{'0' * 64}")[0] == 1


def test_a_key_for_the_ring_is_made_with_a_higher_id(blog: Blog) -> None:
    status, output = blog.run("keys", "new")
    line = output.strip()
    assert status == 0
    key_id = int(line.partition(":")[0])
    assert 1 < key_id <= 1 + 1024
    assert KeyRing.parse(f"{KEYS}\n{line}").primary == key_id
    one, two = (blog.run("keys", "new", "--index")[1].strip() for _ in range(2))
    assert KeyRing.parse(f"{line}\n{one}").index != KeyRing.parse(f"{line}\n{two}").index


def test_an_invitation_is_to_a_declared_role(blog: Blog) -> None:
    status, output = blog.run("invite", "--role", "emperor")
    assert status != 0
    assert "account/invitation" not in output


@pytest.mark.asvs("V3.4.3")
def test_reports_become_directives_and_what_is_dangerous_is_only_named(blog: Blog) -> None:
    assert blog.run("csp") == (0, "no report asks for anything that the policy does not have\n")
    reported = [
        ("img-src", "https://images.example.org/a.png"), ("script-src-elem", "inline"), ("img-src", "data")
    ]  # fmt: skip
    for directive, blocked in reported:
        body = {"effective-directive": directive, "blocked-uri": blocked, "document-uri": "http://localhost/"}
        answer = blog.browser().open(
            "POST",
            "/csp-reports",
            data=json.dumps({"csp-report": body}),
            content_type="application/csp-report",
        )
        assert answer.status_code == 204
    status, output = blog.run("csp")
    assert status == 0
    assert output.splitlines() == [
        "# Anybody can send reports: keep the hosts that you know.",
        '"csp": {"directives": {',
        "    # https://images.example.org: 1 report, on /",
        '    "img-src": ["\'self\'", "https://images.example.org"],',
        "}}",
        (
            "not proposed: img-src data: (1 report, on /): "
            "make it a file; whoever can put markup on a page could put any picture there"
        ),
        (
            "not proposed: script-src 'unsafe-inline' (1 report, on /): "
            'give the element nonce="{{ csp_nonce }}"; onclick= and its like move into it'
        ),
    ]


@pytest.mark.asvs("V6.3.8")
def test_users_whom_something_else_renamed_are_named_and_taken_up(blog: Blog, tmp_path: Path) -> None:
    for name in ("maud", "tomas"):
        blog.add_account(name)
    kept = "2 as they should be, 0 without keys, 0 with those of an earlier name or address, 0 left out"
    assert blog.run("adopt") == (0, f"2 users: {kept}\n")
    blog.rows_changed("UPDATE user_account SET username = 'Mathilde' WHERE username = 'maud'")
    blog.rows_changed("UPDATE user_account SET username = 'MATHILDE' WHERE username = 'tomas'")
    report = tmp_path / "report.json"
    status, told = blog.run("adopt", "--report", str(report))
    assert status == 1
    assert "2 users: 0 as they should be, 0 without keys, 1 with those of an earlier name" in told
    (row,) = [json.loads(line) for line in report.read_text().splitlines()]
    assert (row["username"], row["problem"]) == ("MATHILDE", "name_taken")
    assert blog.browser().sign_in("mathilde").status_code == 403
    assert blog.run("adopt", "--write")[0] == 1
    assert blog.browser().sign_in("mathilde").status_code == 303
    assert blog.browser().sign_in("maud").status_code == 403
    blog.rows_changed("UPDATE user_account SET username = 'tomas' WHERE username = 'MATHILDE'")
    status, told = blog.run("adopt", "--write")
    assert (status, told.splitlines()[-1]) == (0, "0 users written")
    assert blog.kinds().count("system:users:adopted") == 1
