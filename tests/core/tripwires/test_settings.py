"""What tripwires do where the settings say nothing."""

from bastide.core.request import Settings
from bastide.core.tripwires import OnQuery, OnReflection


def test_statements_are_blocked_and_pages_left_alone_unless_the_settings_say_otherwise() -> None:
    assert Settings().tripwires.on_query is OnQuery.BLOCK
    assert Settings().tripwires.on_reflection is OnReflection.OFF
    raising = Settings.from_mapping({"tripwires": {"on_query": "raise", "on_reflection": "raise"}}).tripwires
    assert (raising.on_query, raising.on_reflection) == (OnQuery.RAISE, OnReflection.RAISE)
