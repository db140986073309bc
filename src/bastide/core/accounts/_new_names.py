"""New names for users whose own is somebody else's: the same ones at every look, and never an address."""

from collections.abc import Iterator
from typing import Final

from bastide.core.foundation import AccountId

# Of an id: all of a number, and enough of a UUID.
_MOST_OF_ID: Final = 8
_MOST_TRIES: Final = 20


def new_names(name: str, account_id: AccountId, *, longest: int) -> Iterator[str]:
    """Yield what the user could be called: the name with the user's id, and then with a number besides.

    Args:
        name: the one that somebody else has.
        account_id: whose new name it is.
        longest: code points that a name may have; what is longer is cut before its end.
    """
    end = f"-{str(account_id)[:_MOST_OF_ID]}"
    for number in range(1, _MOST_TRIES + 1):
        tail = end if number == 1 else f"{end}-{number}"
        yield name.strip()[: longest - len(tail)] + tail
