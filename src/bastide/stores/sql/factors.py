"""Second factors in SQL."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from bastide.core.foundation import AccountId
from bastide.core.records import Added, StoredTotp
from bastide.stores.sql.connection import Database
from bastide.stores.sql.dialects import insert_for
from bastide.stores.sql.tables import SecurityTables


class FactorRows:
    """What a factor of any kind brings along: backup codes with the first, and an end to other sessions."""

    def __init__(self, tables: SecurityTables) -> None:
        self._user = tables.account.id
        self._totp = tables.totp
        self._passkey = tables.passkey
        self._code = tables.backup_code
        self._session = tables.session

    def lock(self, connection: Connection, account_id: AccountId) -> None:
        """Let one change of the account's factors at a time; SQLite has one writer anyway."""
        user = self._user
        connection.execute(select(user).where(user == account_id).with_for_update(key_share=True))

    def has_factor(self, connection: Connection, account_id: AccountId) -> bool:
        """Tell whether the account has a confirmed authenticator or a passkey."""
        totp, passkey = self._totp.c, self._passkey.c
        either = or_(
            exists().where(totp.account_id == account_id, totp.is_confirmed),
            exists().where(passkey.account_id == account_id),
        )
        return bool(connection.execute(select(either)).scalar_one())

    def turn_on(
        self,
        connection: Connection,
        account_id: AccountId,
        codes: Collection[bytes],
        keep: bytes,
        *,
        had_factor: bool,
    ) -> Added:
        """Keep the codes with the first factor; end the other sessions."""
        if not had_factor:
            self.replace_codes(connection, account_id, codes)
        self._end_others(connection, account_id, keep)
        return Added.FURTHER if had_factor else Added.FIRST

    def turn_off(self, connection: Connection, account_id: AccountId, keep: bytes | None) -> None:
        """Forget the codes with the last factor; end the other sessions."""
        if not self.has_factor(connection, account_id):
            self.replace_codes(connection, account_id, ())
        self._end_others(connection, account_id, keep)

    def replace_codes(self, connection: Connection, account_id: AccountId, codes: Collection[bytes]) -> None:
        """Keep these digests and no others."""
        connection.execute(delete(self._code).where(self._code.c.account_id == account_id))
        for code in codes:
            connection.execute(insert(self._code).values(account_id=account_id, digest=code))

    def _end_others(self, connection: Connection, account_id: AccountId, keep: bytes | None) -> None:
        session = self._session.c
        connection.execute(
            delete(self._session).where(session.account_id == account_id, session.digest != (keep or b""))
        )


class SqlFactors:
    """See ``FactorStore``."""

    def __init__(self, database: Database, tables: SecurityTables) -> None:
        self._database = database
        self._totp = tables.totp
        self._code = tables.backup_code
        self._rows = FactorRows(tables)

    def has_factor(self, account_id: AccountId) -> bool:
        """See ``FactorStore``."""
        with self._database.reading() as connection:
            return self._rows.has_factor(connection, account_id)

    def find_totp(self, account_id: AccountId) -> StoredTotp | None:
        """See ``FactorStore``."""
        totp = self._totp.c
        statement = select(totp.secret, totp.is_confirmed, totp.last_step).where(
            totp.account_id == account_id
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else StoredTotp(bytes(row.secret), row.is_confirmed, row.last_step)

    def put_totp(self, account_id: AccountId, sealed: bytes, *, step: int) -> bool:
        """See ``FactorStore``."""
        totp = self._totp.c
        values = {"secret": sealed, "is_confirmed": False, "last_step": step}
        add = insert_for(self._database.engine)(self._totp).values(account_id=account_id, **values)
        upsert = add.on_conflict_do_update(
            index_elements=[totp.account_id], set_=values, where=totp.is_confirmed.is_(False)
        )
        return self._database.write(upsert) == 1

    def confirm_totp(
        self, account_id: AccountId, *, sealed: bytes, step: int, codes: Collection[bytes], keep: bytes
    ) -> Added:
        """See ``FactorStore``."""
        totp = self._totp.c
        confirm = (
            update(self._totp)
            .where(totp.account_id == account_id, totp.secret == sealed, totp.is_confirmed.is_(False))
            .values(is_confirmed=True, last_step=step)
        )
        with self._database.transaction() as connection:
            self._rows.lock(connection, account_id)
            had_factor = self._rows.has_factor(connection, account_id)
            if connection.execute(confirm).rowcount != 1:
                return Added.NOTHING
            return self._rows.turn_on(connection, account_id, codes, keep, had_factor=had_factor)

    def use_totp_step(self, account_id: AccountId, step: int) -> bool:
        """See ``FactorStore``."""
        totp = self._totp.c
        use = (
            update(self._totp)
            .where(totp.account_id == account_id, totp.is_confirmed, totp.last_step < step)
            .values(last_step=step)
        )
        return self._database.write(use) == 1

    def remove_totp(self, account_id: AccountId, *, keep: bytes | None) -> bool:
        """See ``FactorStore``."""
        remove = delete(self._totp).where(self._totp.c.account_id == account_id)
        with self._database.transaction() as connection:
            self._rows.lock(connection, account_id)
            if connection.execute(remove).rowcount != 1:
                return False
            self._rows.turn_off(connection, account_id, keep)
            return True

    def replace_backup_codes(self, account_id: AccountId, codes: Collection[bytes]) -> None:
        """See ``FactorStore``."""
        with self._database.transaction() as connection:
            self._rows.replace_codes(connection, account_id, codes)

    def burn_backup_code(self, account_id: AccountId, code: bytes) -> bool:
        """See ``FactorStore``."""
        column = self._code.c
        burn = delete(self._code).where(column.account_id == account_id, column.digest == code)
        return self._database.write(burn) == 1

    def count_backup_codes(self, account_id: AccountId) -> int:
        """See ``FactorStore``."""
        count = select(func.count()).select_from(self._code).where(self._code.c.account_id == account_id)
        with self._database.reading() as connection:
            return connection.execute(count).scalar_one()
