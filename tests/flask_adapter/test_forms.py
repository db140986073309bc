"""Which fields of an application's own forms hold passwords."""

from wtforms import Form as PlainForm
from wtforms import PasswordField, StringField

from bastide.flask import Form, SecretField
from bastide.flask.forms import secret_names


class Mixed:
    motdepasse = PasswordField()


class Foreign(Mixed, PlainForm):
    geheim = PasswordField()
    nachname = StringField()


class Own(Form):  # type: ignore[misc]  # Flask-WTF ships no types
    kennwort = SecretField("Kennwort", autocomplete="current-password")


def test_fields_for_passwords_are_known_by_their_forms() -> None:
    assert secret_names() >= {"motdepasse", "geheim", "kennwort"}
    assert "nachname" not in secret_names()
