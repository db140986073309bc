"""The types of columns: what is set and what is got, for checkers without a plugin for Django."""

from typing import Any, TypeAlias

from django.db import models

Text: TypeAlias = "models.CharField[str, str]"
MaybeText: TypeAlias = "models.CharField[str | None, str | None]"
LongText: TypeAlias = "models.TextField[str, str]"
Number: TypeAlias = "models.BigIntegerField[int, int]"
MaybeNumber: TypeAlias = "models.BigIntegerField[int | None, int | None]"
SmallNumber: TypeAlias = "models.IntegerField[int, int]"
Flag: TypeAlias = "models.BooleanField[bool, bool]"
Binary: TypeAlias = "models.BinaryField[bytes, bytes | memoryview]"
MaybeBinary: TypeAlias = "models.BinaryField[bytes | None, bytes | memoryview | None]"
Link: TypeAlias = "models.ForeignKey[Any, Any]"
OnlyLink: TypeAlias = "models.OneToOneField[Any, Any]"
