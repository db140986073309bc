"""A base for the project's models, which holds their fields to their rules (V3)."""

from typing import Any

from django.db import models


class ValidatedModel(models.Model):
    """A model whose ``save`` runs ``full_clean``: imports and shell scripts meet the rules too."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Validate, then save.

        Raises:
            ValidationError: a field breaks its rule.
        """
        self.full_clean(validate_unique=False, validate_constraints=False)
        super().save(*args, **options)
