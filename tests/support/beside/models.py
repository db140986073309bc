"""What the project keeps, beside its users."""

from django.conf import settings
from django.db import models

from bastide.django import EncryptedTextField


class Note(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


if hasattr(settings, "BASTIDE_KEYS"):

    class Patient(models.Model):
        id = models.IntegerField(primary_key=True)
        diagnosis = EncryptedTextField(row="id")

        def __str__(self) -> str:
            return str(self.pk)
