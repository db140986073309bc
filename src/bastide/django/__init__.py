"""Bastide for Django."""


def bastide_middleware() -> tuple[str, ...]:
    """Return what goes first into ``MIDDLEWARE``."""
    return ("bastide.django.middleware.BastideMiddleware",)
