"""Which fields of an application's own forms hold passwords."""

from django import forms

from bastide.django.forms import SecretField, secret_names


class Foreign(forms.Form):
    geheim = forms.CharField(widget=forms.PasswordInput)
    nachname = forms.CharField()


class Own(forms.Form):
    kennwort = SecretField("Kennwort", autocomplete="current-password")


def test_fields_for_passwords_are_known_by_their_forms() -> None:
    assert secret_names() >= {"geheim", "kennwort"}
    assert "nachname" not in secret_names()
