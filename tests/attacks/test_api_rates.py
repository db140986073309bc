"""Attacks by haste: programs that flood, with one token, with many, with bad ones and with none."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bastide.testing import FrozenClock
from conftest import make_blog
from support.api import Program, issue
from support.at_once import race
from support.blog import Blog

RATES = {"token_limit": 4, "account_limit": 10, "network_limit": 3, "period": timedelta(hours=1)}


@pytest.fixture
def hasty(framework: str, database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Blog]:
    """The blog on each framework and each database, with rates that are soon used up."""
    made = make_blog(database_url, tmp_path, clock, framework=framework, settings={"api_rates": RATES})
    yield made
    made.close()


def programs(blog: Blog, name: str, number: int) -> list[Program]:
    """Return programs of one account, each with a token of its own."""
    owner = blog.signed_in(name, "author", "reader")
    owner.confirm(name)
    return [
        Program(blog, issue(owner, "read_post", "edit_profile", name=str(each))) for each in range(number)
    ]


def statuses(program: Program, number: int, path: str = "/profile") -> list[int]:
    return [program.get(path).status_code for _ in range(number)]


@pytest.mark.asvs("V2.4.1")
def test_a_token_that_floods_shuts_itself_and_no_other(hasty: Blog) -> None:
    flooding, calm = programs(hasty, "maud", 2)
    (other,) = programs(hasty, "tomas", 1)
    assert statuses(flooding, 6) == [200] * 4 + [429] * 2
    refused = flooding.get("/profile")
    assert refused.mimetype == "application/problem+json"
    assert refused.headers["Retry-After"] == "3600"
    assert refused.headers["RateLimit-Policy"] == '"api-token";q=4;w=3600'
    assert refused.headers["RateLimit"] == '"api-token";r=0;t=3600'
    assert "request:rate:refused" in hasty.kinds()
    # Not the account's other token, another account's at the same address, nor strangers there.
    assert statuses(calm, 4) == statuses(other, 4) == [200] * 4
    assert Program(hasty).get("/posts").status_code == 200
    # From elsewhere it is the same token.
    assert Program(hasty, flooding.token, address="198.51.100.9").get("/profile").status_code == 429
    hasty.clock.advance(timedelta(hours=1))
    assert flooding.get("/profile").status_code == 200


@pytest.mark.asvs("V2.4.1")
def test_many_tokens_are_not_many_rates(hasty: Blog) -> None:
    callers = programs(hasty, "maud", 5)
    assert [statuses(caller, 4) for caller in callers] == [
        [200] * 4, [200] * 4, [200, 200, 429, 429], [429] * 4, [429] * 4,
    ]  # fmt: skip
    refused = callers[4].get("/profile")
    assert refused.headers["RateLimit-Policy"] == '"api-account";q=10;w=3600'
    # A new token brings nothing, the owner's browser neither; its pages stay open.
    owner = hasty.signed_in("maud")
    assert owner.get("/api/v1/profile").status_code == 429
    assert owner.get("/profile").status_code == 200
    (other,) = programs(hasty, "tomas", 1)
    assert other.get("/profile").status_code == 200


@pytest.mark.asvs("V2.4.1")
def test_what_is_told_is_the_share_that_ends_first(hasty: Blog) -> None:
    callers = programs(hasty, "maud", 3)
    assert callers[0].get("/profile").headers["RateLimit"] == '"api-token";r=3;t=3600'
    statuses(callers[0], 3)
    statuses(callers[1], 4)
    last = callers[2].get("/profile")
    assert (last.status_code, last.headers["RateLimit"]) == (200, '"api-account";r=1;t=3600')


@pytest.mark.asvs("V2.4.1", "V6.3.1")
@pytest.mark.parametrize("kind", ["none", "no token of ours", "expired", "revoked"])
def test_an_address_without_a_good_token_is_limited_whatever_it_asks(hasty: Blog, kind: str) -> None:
    good, used = programs(hasty, "maud", 2)
    if kind == "expired":
        hasty.clock.advance(timedelta(days=31))
        (good,) = programs(hasty, "tomas", 1)
    elif kind == "revoked":
        assert hasty.run("tokens", "revoke", "maud")[0] == 0
        (good,) = programs(hasty, "tomas", 1)
    shown = {"none": None, "no token of ours": "bst_x"}.get(kind, used.token)
    guesser = Program(hasty, shown, address="198.51.100.7")
    assert statuses(guesser, 5) == [401] * 3 + [429] * 2
    assert guesser.get("/nothing").status_code in {404, 429}
    assert statuses(guesser, 1, "/posts") == [429]
    assert guesser.get("/posts").headers["RateLimit-Policy"] == '"api-network";q=3;w=3600'
    # Who has a good token is heard from the same address, and strangers from others.
    assert Program(hasty, good.token, address="198.51.100.7").get("/profile").status_code == 200
    assert Program(hasty, address="198.51.100.8").get("/posts").status_code == 200


@pytest.mark.asvs("V2.4.1", "V15.4.1")
def test_calls_at_once_never_get_more_than_the_rate(hasty: Blog) -> None:
    callers = programs(hasty, "maud", 4)

    def call(program: Program) -> tuple[str | None, int]:
        return program.token, program.get("/profile").status_code

    answers: Any = Counter(race(*[partial(call, callers[number % 4]) for number in range(24)]))
    assert {status for _, status in answers} == {200, 429}
    assert sum(number for (_, status), number in answers.items() if status == 200) == 10
    assert all(answers[caller.token, 200] <= 4 for caller in callers)


def test_what_was_counted_is_forgotten_when_it_ends(hasty: Blog) -> None:
    (caller,) = programs(hasty, "maud", 1)
    for number in range(3):
        Program(hasty, address=f"198.51.100.{number}").get("/posts")
    caller.get("/profile")
    counted = "SELECT COUNT(*) FROM bastide_attempt WHERE kind = 'rate' AND subject LIKE 'api-%%'"
    assert hasty.rows(counted) == [(5,)]
    hasty.clock.advance(timedelta(hours=2))
    assert hasty.run("purge")[0] == 0
    assert hasty.rows(counted) == [(0,)]
