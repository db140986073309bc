"""Backends as projects write them."""

from typing import Any

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
