"""The owner of the tokens has an account."""

import pytest

from bastide.core.request import Services
from support.core import register


@pytest.fixture
def services(services: Services) -> Services:
    register(services)
    return services
