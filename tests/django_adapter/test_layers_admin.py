"""Django's admin goes on beside every layer that needs no accounts: forms, actions, searches, scripts let in."""

import pytest

from support.beside.project import Project

LAYERS = ("headers", "transport", "forgery", "rules", "queries", "output", "attempts", "log")


@pytest.mark.asvs("V3.4.3")
def test_the_admin_goes_on_beside_the_layers(project: Project) -> None:
    project.holds(
        """
        import re
        fill()
        User.objects.filter(username="maud").update(is_staff=True, is_superuser=True)
        maud = Browser(enforce_csrf_checks=True)
        own = {"origin": "https://localhost", "sec-fetch-site": "same-origin"}
        def post(address, page=None, **form):
            shown = maud.get(page or address).content.decode()
            token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', shown)[1]
            return maud.post(address, {"csrfmiddlewaretoken": token, **form}, headers=own)
        assert maud.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
        assert post("/admin/login/?next=/admin/", username="maud", password="right").headers["Location"] == "/admin/"
        notes = "/admin/beside/note/"
        words = "o'clock <b>bold</b> -- or 1=1"
        assert post(notes + "add/", owner=1, text=words).headers["Location"] == notes
        made = Note.objects.get(text=words)
        found = maud.get(notes, {"q": "o'clock", "owner__id__exact": "1", "o": "1"}).content.decode()
        assert f"{notes}{made.pk}/change/" in found, found
        assert post(notes, action="shout", _selected_action=[made.pk], index="0").status_code == 302
        made.refresh_from_db()
        assert made.text == words.upper()
        asked = post(notes, action="delete_selected", _selected_action=[made.pk], index="0")
        assert asked.status_code == 200 and b"Are you sure" in asked.content
        names = "/admin/autocomplete/?app_label=beside&model_name=note&field_name=owner&term=to"
        assert [each["text"] for each in maud.get(names).json()["results"]] == ["tomas"]
        assert maud.get(f"{notes}{made.pk}/history/").status_code == 200
        # Nothing of its pages stands in the page itself but what the policy lets in.
        for address in ("/admin/", notes, notes + "add/", "/admin/auth/user/1/password/"):
            page = maud.get(address).content.decode()
            assert not re.search(r"<style|\\sstyle=|\\son[a-z]+=", page), address
            assert not re.search(r"<script(?![^>]*(src=|application/json))", page), address
        foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
        assert maud.post("/admin/logout/", headers=foreign).status_code == 403
        assert post("/admin/logout/", page="/admin/").status_code == 200
        """,
        *LAYERS, apps=["bastide.django", "bastide.django.attempts", "bastide.django.log"], hosts=["localhost"],
    )  # fmt: skip
