"""What the log, purge and token commands of both frameworks do, over lines of text."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from bastide.core.encryption import KeyRing, Rotation
from bastide.core.foundation import Client, InvalidInput, minute_text
from bastide.core.http import propose_directives
from bastide.core.records import Account
from bastide.core.request import Layer, Services
from bastide.core.security_log import Anchor, Broken, Verified

MAX_DAYS: Final = 36_500
Write: TypeAlias = Callable[[str], object]


def verify_log(services: Services, client: Client, *, expected: str | None, write: Write) -> bool:
    """Check the log; write its head, or every fault. Tell whether it is whole.

    Args:
        services: the application's controls.
        client: who asks.
        expected: ``<sequence>:<hex>`` as an earlier check wrote it, or None.
        write: takes the lines.

    Raises:
        InvalidInput: what is expected has another shape.
    """
    anchor = None if expected is None else Anchor.parse(expected)
    with progress("checking the log") as watch:
        verdict = services.log_keeper.verify(client, anchor=anchor, watch=watch)
    return _report(verdict, write)


def export_log(services: Services, *, since: str | None, until: str | None, write: Write) -> None:
    """Write one line of JSON per event.

    Raises:
        InvalidInput: a time that is not ISO 8601.
    """
    first, end = (_parse_moment(name, text) for name, text in (("since", since), ("until", until)))
    for line in services.log_keeper.export(since=first, until=end):
        write(line)


def purge_log(
    services: Services, client: Client, *, older_than_days: int | None, even_if_broken: bool, write: Write
) -> bool:
    """Drop events past the retention, or older than so many days; tell whether that was allowed.

    Raises:
        InvalidInput: fewer than no days, or more than a century.
    """
    if older_than_days is not None and not 0 <= older_than_days <= MAX_DAYS:
        raise InvalidInput("older_than", "undeclared")
    age = None if older_than_days is None else timedelta(days=older_than_days)
    outcome = services.log_keeper.purge(client, older_than=age, even_if_broken=even_if_broken)
    if isinstance(outcome, Broken):
        _report(outcome, write)
        write("no event deleted: a broken log is evidence (--even-if-broken deletes all the same)")
        return False
    write(f"{outcome} events deleted")
    return True


def purge_all(services: Services, client: Client, *, write: Write) -> bool:
    """Delete what is past its time in the layers that are on; tell whether the log was whole."""
    now, layers = services.clock.now(), services.layers
    if Layer.ACCOUNTS in layers:
        write(f"{services.sessions.purge()} sessions deleted")
    if Layer.ATTEMPTS in layers:
        write(f"{services.stores.attempts.purge_attempts(now=now)} attempt lanes deleted")
    if Layer.ACCOUNTS in layers:
        write(f"{services.stores.tickets.purge_tickets(now=now)} tickets deleted")
    if Layer.API_TOKENS in layers:
        write(f"{services.stores.tokens.purge_tokens(now=now)} API tokens deleted")
    if services.uploads is not None:
        write(f"{services.uploads.purge()} abandoned uploads deleted")
    return Layer.LOG not in layers or purge_log(
        services, client, older_than_days=None, even_if_broken=False, write=write
    )


def list_tokens(services: Services, account: Account, *, write: Write) -> None:
    """Write one line per API token of the account that has not expired; none of them opens anything."""
    own = services.api_tokens.list_own(account.id)
    write(f"{len(own)} API tokens")
    for token in own:
        used = "never" if token.last_used_at is None else minute_text(token.last_used_at)
        scopes, expires = " ".join(sorted(token.scopes)), minute_text(token.expires_at)
        write(f"{token.id}\t{token.name}\t{scopes}\texpires {expires}\tlast used {used}")


def scan_uploads(services: Services, client: Client, *, write: Write) -> None:
    """Ask the scanner about files that wait for it.

    Raises:
        ConfigurationError: the application takes no files.
        StoreUnavailable: the scanner is still away.
    """
    counts = services.require_uploads().scan_held(client)
    write(", ".join(f"{number} {state}" for state, number in counts.items()))


def list_keys(ring: KeyRing, rotation: Rotation, *, write: Write) -> bool:
    """Write the ids of the ring's keys, and how many values of each column each of them has sealed.

    Tell whether every value has a key in the ring.
    """
    for key_id in sorted(ring.keys):
        write(f"key {key_id}" + (" (seals)" if key_id == ring.primary else ""))
    write("key for blind indexes" if ring.index is not None else "no key for blind indexes")
    counts = list(rotation.count())
    for each in counts:
        write(str(each))
    return all(each.can_open for each in counts)


def rotate_keys(rotation: Rotation, *, write: Write) -> bool:
    """Seal anew what older keys have sealed; tell whether nothing is left that they are needed for."""
    with progress("sealing anew") as watch:
        outcome = rotation.run(watch)
    write(f"{outcome.count} values sealed anew")
    for place in outcome.broken:
        write(f"{place}: does not open, left as it is")
    if outcome.left:
        late = "written meanwhile by a worker without the newest key: repeat this once it has it"
        write(f"{outcome.left} {late}")
    return not outcome.broken and not outcome.left


def rewrap_hashes(services: Services, client: Client, *, workers: int, write: Write) -> bool:
    """Lay Argon2id over weak password hashes that are read; tell whether every stored hash is.

    Args:
        services: the application's controls.
        client: who asks.
        workers: threads that make hashes.
        write: takes the lines.
    """
    with progress("wrapping weak hashes") as watch:
        found = services.stored_hashes.wrap_weak(client, watch, workers=workers)
    write(f"{found.wrapped} hashes wrapped, {found.read} read as they are, {found.unread.total()} not read")
    for unread, number in sorted(found.unread.items()):
        write(f"{number} users cannot sign in: {unread}")
    return not found.unread


def _report(verdict: Verified | Broken, write: Write) -> bool:
    match verdict:
        case Verified(count, unchained, head):
            older = f", {unchained} older than the chain" if unchained else ""
            write(f"{count} events verified{older}")
            write("no row is chained yet" if head is None else f"head {head}")
            return True
        case Broken(problems):
            for problem in problems:
                write(str(problem))
            write("the log is not what was written")
            return False


def _parse_moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(name, "malformed") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], object]]:
    """Show a bar where people watch; on standard error, so that the output stays clean."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    # Only people wait for the import.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def write_csp(services: Services, *, write: Write) -> None:
    """Write the directives that collected reports ask for as a setting, and what is not proposed with why."""
    settings = services.settings
    groups = services.stores.violations.list_violations(limit=settings.csp.max_groups)
    proposal = propose_directives(groups, settings.csp, own_hosts=settings.transport.allowed_hosts)
    if not proposal.proposed and not proposal.refused:
        write("no report asks for anything that the policy does not have")
    if proposal.proposed:
        write("# Anybody can send reports: keep the hosts that you know.")
        write('"csp": {"directives": {')
        for name, sources in proposal.directives.items():
            for each in proposal.proposed:
                if each.directive == name:
                    write(f"    # {each.source}: {each.where}")
            write(f"    {json.dumps(name)}: {json.dumps(sources)},")
        write("}}")
    for each in proposal.refused:
        write(f"not proposed: {each.directive} {each.source} ({each.where}): {each.advice}")
