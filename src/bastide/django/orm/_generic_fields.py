"""Django's fields with the type parameters that its stubs give them: what is set, and what is got.

The stubs' plugin fills them in from ``_pyi_private_set_type`` and ``_pyi_private_get_type``, with ``None``
where a field says ``null=True``.
"""

from typing import TYPE_CHECKING, Generic, TypeVar

from django.db import models

ST_contra = TypeVar("ST_contra", contravariant=True)
GT_co = TypeVar("GT_co", covariant=True)

if TYPE_CHECKING:
    # Without what the stubs say of binary fields: sealed ones hold text, too.
    from django.db.models import Field as BinaryField
    from django.db.models import TextField
else:

    class BinaryField(models.BinaryField, Generic[ST_contra, GT_co]):
        """Takes parameters."""

    class TextField(models.TextField, Generic[ST_contra, GT_co]):
        """Takes parameters."""


__all__ = ["BinaryField", "GT_co", "ST_contra", "TextField"]
