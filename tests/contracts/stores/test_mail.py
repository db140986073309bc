"""Mail: kept until it is handed over, claimed by one."""

from datetime import timedelta

from bastide.core.request import Stores
from bastide.testing.clock import START
from support.at_once import race
from support.stores import LATER, THREADS, letter


def test_mail_waits_until_it_is_handed_over(stores: Stores) -> None:
    mail, soon = stores.mail, START + timedelta(seconds=1)
    for number in (2, 1):
        mail.put_mail(letter(number, due_at=START - timedelta(seconds=number)))
    mail.put_mail(letter(3, due_at=soon))
    assert mail.count_mail() == 3
    first = mail.claim_mail(now=START, until=soon, limit=1)
    assert first == [letter(2, due_at=soon, tries=1)]
    assert mail.claim_mail(now=START, until=soon, limit=9, only=letter(3).id) == []
    assert [entry.id for entry in mail.claim_mail(now=START, until=soon, limit=9)] == [letter(1).id]
    assert mail.claim_mail(now=START, until=soon, limit=9) == []
    mail.postpone_mail(letter(2).id, due_at=LATER)
    assert sorted(entry.id for entry in mail.claim_mail(now=soon, until=LATER, limit=9)) == [
        letter(1).id,
        letter(3).id,
    ]
    assert [mail.drop_mail(letter(2).id) for _ in range(2)] == [True, False]
    assert mail.count_mail() == 2


def test_each_message_is_claimed_by_one(stores: Stores) -> None:
    for number in range(8):
        stores.mail.put_mail(letter(number))
    claimed = race(*[lambda: stores.mail.claim_mail(now=START, until=LATER, limit=2) for _ in range(THREADS)])
    ids = [entry.id for batch in claimed if not isinstance(batch, Exception) for entry in batch]
    assert len(ids) == len(set(ids))
    ids += [entry.id for entry in stores.mail.claim_mail(now=START, until=LATER, limit=9)]
    assert len(set(ids)) == 8
