"""Backends as projects write them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend


class Refusing:
    """Knows nobody."""

    def authenticate(self, request: Any, username: str = "", password: str = "") -> None:
        pass

    async def aauthenticate(self, request: Any, username: str = "", password: str = "") -> None:
        pass


class Derived(ModelBackend):
    """Asks the one that it derives from."""

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **more: Any) -> Any:
        return super().authenticate(request, username=username, password=password, **more)


class ByEither(ModelBackend):
    """Finds people by what came as their address, or else by what came as their name."""

    def authenticate(
        self, _request: Any, username: Any = None, password: Any = None, email: Any = None
    ) -> Any:
        users = get_user_model().objects
        user = users.filter(email=email).first() or users.filter(username=username).first()
        return user if user is not None and user.check_password(password) else None


class ByBadge(ModelBackend):
    """Knows people by a word of its own."""

    def authenticate(self, request: Any, badge: Any = None, password: Any = None) -> Any:
        return super().authenticate(request, username=badge, password=password)
