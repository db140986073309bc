"""What is otherwise while a test runner of Django's is at work, and nowhere else."""

import sys
from typing import Final

# What Django's test clients ask for, over plain HTTP.
TEST_HOST: Final = "testserver"


def is_test_environment() -> bool:
    """Tell whether ``setup_test_environment`` was called in this process, as test runners do first of all."""
    utils = sys.modules.get("django.test.utils")
    return utils is not None and hasattr(utils._TestState, "saved_data")  # noqa: SLF001 -- the only mark it leaves
