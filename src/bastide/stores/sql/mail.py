"""Mail on its way, in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, true, update

from bastide.core.foundation import to_micros
from bastide.core.mail import QueuedMail
from bastide.stores.rows import MAIL, mail_row, queued_mail
from bastide.stores.sql.connection import Database
from bastide.stores.sql.tables import SecurityTables


class SqlMail:
    """See ``MailStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._table = tables.mail

    def put_mail(self, mail: QueuedMail) -> None:
        """See ``MailStore``."""
        self._database.write(insert(self._table).values(mail_row(mail)))

    def claim_mail(
        self, *, now: datetime, until: datetime, limit: int, only: bytes | None = None
    ) -> Sequence[QueuedMail]:
        """See ``MailStore``."""
        mail = self._table.c
        due = (
            select(mail.id)
            .where(mail.due_at <= to_micros(now), true() if only is None else mail.id == only)
            .order_by(mail.due_at, mail.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._database.transaction() as connection:
            ids = list(connection.execute(due).scalars())
            claim = (
                update(self._table)
                .where(mail.id.in_(ids))
                .values(due_at=to_micros(until), tries=mail.tries + 1)
                .returning(*(mail[name] for name in MAIL))
            )
            return [queued_mail(row) for row in connection.execute(claim)]

    def postpone_mail(self, mail_id: bytes, *, due_at: datetime) -> None:
        """See ``MailStore``."""
        mail = self._table.c
        self._database.write(update(self._table).where(mail.id == mail_id).values(due_at=to_micros(due_at)))

    def drop_mail(self, mail_id: bytes) -> bool:
        """See ``MailStore``."""
        return self._database.write(delete(self._table).where(self._table.c.id == mail_id)) == 1

    def count_mail(self) -> int:
        """See ``MailStore``."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(self._table)).scalar_one()
