"""Who is left out, and for whom: the same before a run and after it."""

import pytest

from bastide.core.accounts import KEEPS_OUT
from bastide.testing import FrozenClock
from support.blog import Outbox
from support.core import HERE, make
from support.rows import rows
from support.users import Users, look, names_that_sign_in, settle


@pytest.mark.asvs("V6.3.8")
@rows(
    "users, problems",
    [
        ([("Maud", "m@x.org"), ("tomas", None)], []),
        # The first by id has it, however it is spelled.
        ([("Maud", None), ("maud", None), ("MAUD ", None)],
         [("maud", "name_taken", "1"), ("MAUD ", "name_taken", "1")]),
        ([("paypal", None), ("paypaI", None)], [("paypaI", "name_alike", "1")]),
        ([("ﬁona", None), ("fiona", None)], [("fiona", "name_taken", "1")]),
        # A shared address signs one in; the other goes on by name.
        ([("maud", "a@x.org"), ("otto", "A@x.org")], [("otto", "email_taken", "1")]),
        # Somebody else's address is nobody's name, nor the other way about.
        ([("maud", "a@x.org"), ("a@x.org", None)], [("a@x.org", "name_taken", "1")]),
        ([("a@x.org", None), ("maud", "a@x.org")], [("maud", "email_taken", "1")]),
        ([("a@x.org", "a@x.org"), ("b@x.org", "b@x.org")], []),
        ([("", "a@x.org"), (" ", None), ("\u200b", None)],
         [("", "name_empty", ""), (" ", "name_empty", ""), ("\u200b", "name_empty", "")]),
        ([("ma\nud", None), ("ma\x00ud", None), ("ma\ud800ud", None)],
         [("ma\nud", "name_unusable", ""), ("ma\x00ud", "name_unusable", ""), ("ma\ud800ud", "name_unusable", "")]),
        ([("x" * 301, None), ("m" * 250, None)], [("x" * 301, "name_too_long", ""), ("m" * 250, "name_too_long", "")]),
        ([("maud", "a\n@x.org"), ("otto", "x" * 300 + "@x.org")],
         [("maud", "email_unusable", ""), ("otto", "email_too_long", "")]),
        ([("admin", None), ("Root", None)], [("admin", "name_reserved", ""), ("Root", "name_reserved", "")]),
        # Names that registration would refuse go on.
        ([("O'Brien Smith", None), ("x", None), ("m" * 200, None)], []),
        # Whoever is left out keeps nothing from others.
        ([("maud", None), ("rnaud", "a@x.org"), ("otto", "a@x.org")], [("rnaud", "name_alike", "1")]),
    ],
)  # fmt: skip
def test_what_stands_in_the_way_is_named_before_and_after(
    users: Users, problems: list[tuple[str, str, str]]
) -> None:
    services = make(FrozenClock(), Outbox())
    settle(services, *users)
    before, found = look(services)
    assert found == problems
    out = {name for name, problem, _ in found if problem in KEEPS_OUT}
    assert (before.left_out, before.in_step) == (len(out), 0)
    assert dict(before.problems) == {name: sum(each == name for _, each, _ in found) for _, name, _ in found}
    assert names_that_sign_in(services) == set()
    assert services.adoption.write(HERE) == before.without_keys == len(users) - len(out)
    assert names_that_sign_in(services) == {name for name, _ in users} - out
    after, found = look(services)
    assert found == problems
    assert (after.in_step, after.left_out, after.without_keys) == (before.without_keys, len(out), 0)
    assert services.adoption.write(HERE) == 0
