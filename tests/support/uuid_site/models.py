"""A user with a UUID for a key, and something that a user owns."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.db import models


class Person(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    username = models.CharField(max_length=30, unique=True)
    email = models.EmailField(max_length=254)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    objects: ClassVar[UserManager["Person"]] = UserManager()

    class Meta:
        # The attacks look behind the scenes under the blog's name.
        db_table = "user_account"

    def __str__(self) -> str:
        return self.username


class Sheet(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, null=True)
    state = models.CharField(max_length=10, null=True)  # noqa: DJ001 -- as on Flask

    def __str__(self) -> str:
        return f"{self.owner_id}: {self.state}"
