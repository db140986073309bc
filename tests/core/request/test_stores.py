"""Everything that is kept has a port, and a store in every place."""

from dataclasses import fields

from bastide.core.foundation import Units
from bastide.core.request import Stores
from support.ports import keepers_of


def test_every_port_has_a_store_of_its_own_in_every_place() -> None:
    ports = [field.type for field in fields(Stores) if field.type is not Units]
    assert {port.__module__.rpartition(".")[2] for port in ports} == {"ports"}  # type: ignore[union-attr]
    kept = [keeper for port in ports for keeper in keepers_of(port)]  # type: ignore[arg-type]
    assert len(set(kept)) == len(kept) == 3 * len(ports)
