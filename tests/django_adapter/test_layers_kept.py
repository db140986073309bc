"""The security log and uploads alone, each with its own tables."""

import pytest

from support.beside.project import Project


@pytest.mark.asvs("V16.4.2")
def test_the_log_alone_keeps_a_chain(project: Project) -> None:
    project.holds(
        """
        fill()
        assert tables() == {"bastide_event", "bastide_chain"} and complaints() == []
        foreign = {"origin": "https://evil.example"}
        assert Browser().post("/post", {"text": "words"}, headers=foreign).status_code == 403
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, length(link) FROM bastide_event")
            assert cursor.fetchall() == [("request:csrf:refused", 32)]
        call_command("bastide_log", "verify")
        call_command("bastide_purge")
        """,
        "log", "forgery", apps=["bastide.django", "bastide.django.log"],
    )  # fmt: skip


@pytest.mark.asvs("V5.2.2")
def test_uploads_alone_keep_files_of_declared_kinds(project: Project) -> None:
    project.holds(
        """
        from io import BytesIO
        fill()
        assert tables() == {"bastide_upload"} and complaints() == []
        def file(name, body):
            there = BytesIO(body)
            there.name = name
            return {"file": there}
        maud = Browser()
        assert maud.post("/send", file("a.txt", b"plain words")).status_code == 302
        log_in(maud)
        sent = maud.post("/send", file("a.txt", b"plain words"))
        assert sent.content == b"a.txt text/plain", sent.content
        assert maud.post("/send", file("a.html", b"<script>x</script>")).status_code == 415
        assert maud.post("/send", file("a.png", b"<script>x</script>")).status_code == 415
        # Beside the one file, too, nothing is kept that is larger than any.
        assert maud.post("/send", {**file("a.txt", b"words"), "more": BytesIO(b"x" * 7_000_000)}).status_code == 413
        call_command("bastide_purge")
        # Views of the project's own take what they took.
        assert maud.post("/post", file("a.bin", b"x" * 2_000_000)).status_code == 200
        """,
        "uploads", apps=["bastide.django", "bastide.django.uploads"], uploads=True,
        urls="support.beside.files_urls",
    )  # fmt: skip
