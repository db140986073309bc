"""Every route and every role in one table."""

import pytest

from bastide.core.access import PUBLIC, Has, Route, Rule, access_matrix


@pytest.mark.asvs("V8.1.1")
def test_the_matrix_names_every_route_and_every_role() -> None:
    routes = [
        Route("/b", ("POST",), Rule(policy=Has("write"))),
        Route("/a", ("GET", "POST"), Rule(permission="write")),
        Route("/", ("GET",), PUBLIC),
    ]
    assert access_matrix(routes, {"author": frozenset({"write"})}) == [
        f"GET       {'/':<45} [everybody] stranger=allow author=allow",
        f"GET,POST  {'/a':<45} [signed_in, has write] stranger=deny author=allow",
        f"POST      {'/b':<45} [signed_in, passes has(write)] stranger=deny author=object",
    ]
