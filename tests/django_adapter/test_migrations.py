"""What ``makemigrations`` writes of encrypted fields runs, back and forth, and renamed ones stay readable."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bastide.core.foundation import SealBroken

PLAIN = b"\x02" + b"plain as it is" * 4


@pytest.fixture
def clinic(database_url: str) -> Iterator["Clinic"]:
    from support.django_blog import database_at

    with database_at(database_url):
        yield Clinic()


class Clinic:
    """An app of a project whose models change, and its tables."""

    def __init__(self) -> None:
        from django.db.migrations.state import ProjectState

        self.state: Any = ProjectState()
        self.written: list[tuple[Any, Any]] = []

    def declare(self, name: str, **fields: Any) -> list[str]:
        """Say what the models are from now on, write the migration, and run what was written."""
        from django.db import models
        from django.db.migrations.autodetector import MigrationAutodetector
        from django.db.migrations.questioner import MigrationQuestioner
        from django.db.migrations.state import ModelState, ProjectState
        from django.db.migrations.writer import MigrationWriter

        class Yes(MigrationQuestioner):
            def ask_rename(self, *_: Any) -> bool:
                return True

            ask_rename_model = ask_rename

        wanted = ProjectState()
        columns = [("id", models.IntegerField(primary_key=True)), *fields.items()]
        wanted.add_model(ModelState("clinic", name, columns))
        found = MigrationAutodetector(self.state, wanted, Yes())._detect_changes()  # noqa: SLF001 -- the command's own
        written: dict[str, Any] = {}
        for migration in found.get("clinic", ()):
            exec(MigrationWriter(migration).as_string(), written)  # noqa: S102 -- what the command would store
            self._run(written["Migration"](f"{len(self.written)}", "clinic"))
        return [type(each).__name__ for each in written["Migration"].operations] if written else []

    def _run(self, migration: Any) -> None:
        from django.db import connection

        before = self.state.clone()
        with connection.schema_editor() as editor:
            self.state = migration.apply(self.state, editor)
        self.written.append((migration, before))

    def go_back(self) -> None:
        from django.db import connection

        migration, before = self.written.pop()
        with connection.schema_editor() as editor:
            migration.unapply(before.clone(), editor)
        self.state = before

    def __getitem__(self, name: str) -> Any:
        return self.state.apps.get_model("clinic", name)

    def refuses_plain(self, table: str, column: str) -> bool:
        from django.db import IntegrityError, connection, transaction

        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f'UPDATE {table} SET "{column}" = %s', [PLAIN])
        except IntegrityError:
            return True
        return False


@pytest.mark.asvs("V11.3.3")
def test_what_is_written_runs_back_and_forth(clinic: Clinic) -> None:
    from bastide.django import BlindIndexField, EncryptedTextField

    diagnosis = {"diagnosis": EncryptedTextField(row="id", null=True)}
    insurance = {
        "insurance": EncryptedTextField(
            row="id", null=True, blind_index="insurance_index", rule="bastide.SSN"
        ),
        "insurance_index": BlindIndexField(unique=True),
    }
    assert clinic.declare("Patient", **diagnosis) == ["CreateModel"]
    clinic["Patient"].objects.create(id=1, diagnosis="measles")
    assert clinic.declare("Patient", **diagnosis) == []
    assert clinic.declare("Patient", **diagnosis, **insurance) == ["AddField", "AddField"]
    patient = clinic["Patient"].objects.get()
    assert patient.diagnosis == "measles"
    patient.insurance = "078-05-1120"
    patient.save()
    assert clinic["Patient"].objects.get(insurance="078051120").insurance == "078051120"
    assert all(clinic.refuses_plain("clinic_patient", column) for column in ("diagnosis", "insurance"))
    clinic.go_back()
    assert clinic["Patient"].objects.get().diagnosis == "measles"
    assert clinic.refuses_plain("clinic_patient", "diagnosis")


@pytest.mark.asvs("V11.3.3")
def test_a_renamed_field_and_model_stay_readable(clinic: Clinic) -> None:
    from bastide.django import BlindIndexField, EncryptedTextField

    def field(sealed_as: str = "") -> Any:
        return EncryptedTextField(row="id", blind_index="index", null=True, sealed_as=sealed_as)

    index, name = {"index": BlindIndexField(unique=True)}, "clinic_patient.diagnosis"
    clinic.declare("Patient", diagnosis=field(), **index)
    clinic["Patient"].objects.create(id=1, diagnosis="measles")
    assert clinic.declare("Patient", diagnosis=field(name), **index) == ["AlterField"]
    assert clinic["Patient"].objects.get().diagnosis == "measles"
    assert clinic.declare("Patient", finding=field(name), **index) == ["RenameField"]
    assert clinic.declare("Medical", finding=field(name), **index) == ["RenameModel"]
    found = clinic["Medical"].objects.get(finding="measles")
    assert found.finding == "measles"
    found.finding = "mumps"
    found.save()
    clinic["Medical"].objects.create(id=2, finding="measles")
    assert [each.finding for each in clinic["Medical"].objects.order_by("id")] == ["mumps", "measles"]
    assert clinic.refuses_plain("clinic_medical", "finding")
    clinic.go_back()
    clinic.go_back()
    assert clinic["Patient"].objects.get(diagnosis="mumps").diagnosis == "mumps"
    clinic.declare("Patient", diagnosis=field("elsewhere.diagnosis"), **index)
    with pytest.raises(SealBroken, match="changed"):
        clinic["Patient"].objects.get(pk=1).diagnosis  # noqa: B018


@pytest.mark.asvs("V11.3.3")
@pytest.mark.parametrize("sealed_as", ["clinic_thing.first", "bastide_totp.secret", "bastide_mail.sealed"])
def test_two_fields_of_one_sealed_name_stop_the_start(clinic: Clinic, sealed_as: str) -> None:
    from django.db import models
    from django.test.utils import isolate_apps

    from bastide.core.foundation import ConfigurationError
    from bastide.django.conf import column_keys
    from bastide.django.orm.encrypted import EncryptedTextField, require_keys

    with isolate_apps("blog_django"):

        class Thing(models.Model):  # noqa: DJ008 -- nobody reads it
            id = models.IntegerField(primary_key=True)
            first = EncryptedTextField(row="id")
            second = EncryptedTextField(row="id", sealed_as=sealed_as)

            class Meta:
                app_label = "clinic"

        class Mirror(models.Model):  # noqa: DJ008 -- nobody reads it
            id = models.IntegerField(primary_key=True)
            first = EncryptedTextField(row="id")

            class Meta:
                app_label = "clinic"
                managed = False
                db_table = "clinic_thing"

        require_keys([Mirror], column_keys())
        both = f"{sealed_as} and clinic_thing.second are both sealed as {sealed_as}"
        with pytest.raises(ConfigurationError, match=re.escape(both)):
            require_keys([Thing, Mirror], column_keys())
