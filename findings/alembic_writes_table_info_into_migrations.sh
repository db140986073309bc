#!/usr/bin/env bash
# Alembic's autogenerate writes Table.info into the migration, word for word, though no database keeps it.
#
# Seen with Alembic 1.20.1 and SQLAlchemy 2.1.9. `info` is where extensions leave notes for themselves. That of a table
# comes out as an argument of `create_table`, by its repr; that of a column does not. Where a note is an object, the
# migration that is written is not Python: such notes have a better place in MetaData.info, or in columns.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check alembic==1.20.1 sqlalchemy==2.1.9
cat > "$folder/write.py" <<'PY'
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, create_engine


class Note:
    def __repr__(self):
        return "<a note>"


def written(note):
    metadata = MetaData(info={"note": note})
    Table("shelf", metadata, Column("id", Integer, primary_key=True, info={"note": note}), info={"note": note})
    with create_engine("sqlite://").connect() as connection:
        found = produce_migrations(MigrationContext.configure(connection), metadata)
        return render_python_code(found.upgrade_ops)


for note in ("a text", Note()):
    text = written(note)
    print([line.strip() for line in text.splitlines() if "note" in line])
    try:
        compile(text.replace("\n    ", "\n"), "migration", "exec")
        print("is Python")
    except SyntaxError:
        print("is not Python")
PY
seen=$("$folder/venv/bin/python" "$folder/write.py")
echo "$seen"
test "$seen" = "[\"info={'note': 'a text'}\"]
is Python
[\"info={'note': <a note>}\"]
is not Python"
