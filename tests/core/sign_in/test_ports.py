"""Every store of tickets, every hasher and every breach service takes what the ports say."""

from bastide.breaches import RangeBreachChecker
from bastide.core.sign_in import BreachChecker, Hasher, PasswordHasher, TicketStore
from support.django_blog import set_up
from support.ports import keepers_of, taken_otherwise


def test_every_store_of_tickets_is_one() -> None:
    assert taken_otherwise(TicketStore, *keepers_of(TicketStore)) == []


def test_hashers_of_both_frameworks_are_ones() -> None:
    set_up()
    from bastide.django.passwords import DjangoHasher

    assert taken_otherwise(Hasher, PasswordHasher, DjangoHasher) == []


def test_the_breach_service_is_one() -> None:
    assert taken_otherwise(BreachChecker, RangeBreachChecker) == []
