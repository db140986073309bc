"""Encrypted fields of Django, attacked from the application's side and from the database's."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bastide.core.encryption import ColumnKeys, KeyRing, LiveRing, Sealed
from bastide.core.foundation import EncryptionRefused, InvalidInput, SealBroken
from bastide.testing import SeededEntropy
from support.blog import KEYS, Blog
from support.checks import without_checks
from support.rows import rows

SSN, DIGITS, OTHER = "078-05-1120", "078051120", "219099999"


@pytest.fixture
def profiles(blog_on_each_database: Blog) -> Any:
    from blog_django.models import Profile

    for name in ("maud", "ada", "tomas"):
        blog_on_each_database.add_account(name)
    return Profile


@pytest.fixture
def person(profiles: Any) -> Any:
    return profiles.objects.create(user_id=1, full_name="Maud", ssn=SSN)


def stored(user_id: int = 1) -> bytes:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT ssn FROM profile WHERE user_id = %s", [user_id])
        return bytes(cursor.fetchone()[0])


def put(value: bytes, user_id: int = 1) -> None:
    from django.db import connection

    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor, without_checks(cursor.execute, "profile", is_sqlite=is_sqlite):
        cursor.execute("UPDATE profile SET ssn = %s WHERE user_id = %s", [value, user_id])


@pytest.mark.asvs("V11.3.2", "V14.2.4")
def test_a_value_is_plain_in_memory_sealed_in_the_database_and_comes_back(profiles: Any, person: Any) -> None:
    assert person.ssn == DIGITS
    assert DIGITS.encode() not in stored()
    assert (stored()[:3], len(stored())) == (b"\x01\x00\x01", 9 + 31)
    again = profiles.objects.get(pk=1)
    assert type(again.__dict__["ssn"]) is Sealed
    assert again.ssn == again.ssn == DIGITS
    again.refresh_from_db()
    assert again.ssn == DIGITS
    again.full_clean()
    again.ssn = OTHER
    again.save(update_fields=["ssn", "ssn_index"])
    for loaded in (
        profiles.objects.only("full_name").get(pk=1), profiles.objects.defer("ssn").get(pk=1),
        profiles.objects.select_related("user").get(pk=1),
    ):  # fmt: skip
        assert loaded.ssn == OTHER
    again.ssn = None
    again.save()
    empty = profiles.objects.get(pk=1)
    assert (empty.ssn, empty.ssn_index) == (None, None)


def test_what_is_deferred_is_kept_and_an_unread_value_is_not_sealed_anew(profiles: Any, person: Any) -> None:
    before = stored()
    light = profiles.objects.defer("ssn").get(pk=1)
    light.full_name = "Maud T."
    light.save(update_fields=["full_name"])
    assert stored() == before
    from django.db.models import Model

    whole = profiles.objects.get(pk=1)
    Model.save(whole)
    assert stored() == before
    assert profiles.objects.filter(ssn=SSN).get().full_name == "Maud T."
    with pytest.raises(EncryptionRefused, match="name both in update_fields"):
        whole.save(update_fields=["ssn"])
    with pytest.raises(EncryptionRefused, match="name both in update_fields"):
        whole.save(update_fields=["ssn_index"])


@pytest.mark.asvs("V14.2.4")
def test_look_ups_go_through_the_index_and_all_others_are_refused(profiles: Any, person: Any) -> None:
    from django.core.exceptions import FieldError
    from django.db.models import F

    profiles.objects.bulk_create([profiles(user_id=2, ssn=OTHER), profiles(user_id=3)])
    assert DIGITS.encode() not in stored(2)
    by = profiles.objects.order_by("pk").values_list("pk", flat=True)
    assert list(by.filter(ssn=SSN)) == list(by.filter(ssn__in=[DIGITS, "001-01-0001"])) == [1]
    assert list(by.exclude(ssn=DIGITS)) == [2, 3]
    assert list(by.filter(ssn__isnull=True)) == list(by.filter(ssn=None)) == [3]
    assert profiles.objects.get(user__profile__ssn=OTHER).pk == 2
    for look_up in ("contains", "iexact", "startswith", "gt", "regex", "lower", "length"):
        with pytest.raises(FieldError):
            by.filter(**{f"ssn__{look_up}": "078"})
    with pytest.raises(EncryptionRefused):
        by.filter(ssn=F("full_name"))
    with pytest.raises(EncryptionRefused):
        by.filter(ssn__in=by)
    with pytest.raises(InvalidInput):
        by.filter(ssn="666-00-0000")
    got, created = profiles.objects.get_or_create(ssn=SSN, defaults={"user_id": 3})
    assert (got.pk, created) == (1, False)


@pytest.mark.asvs("V2.2.1", "V14.2.4")
def test_equal_values_meet_the_unique_index_however_they_are_spelled(profiles: Any, person: Any) -> None:
    from django.db import IntegrityError, transaction

    for spelled in (SSN, DIGITS):
        with pytest.raises(IntegrityError) as raised, transaction.atomic():
            profiles.objects.create(user_id=2, ssn=spelled)
        assert DIGITS not in str(raised.value)


@pytest.mark.asvs("V11.3.3", "V14.2.4")
@rows(
    "write",
    [
        lambda model, _one: model.objects.update(ssn=SSN),
        lambda model, _one: model.objects.filter(pk=1).update(ssn=SSN.encode()),
        lambda model, one: model.objects.bulk_update([one], ["ssn"]),
        lambda model, _one: model.objects.update(ssn=models.Value(SSN)),
        lambda model, _one: model.objects.update(ssn=models.F("full_name")),
        lambda model, _one: model.objects.update(ssn=models.Func(models.Value(SSN), function="lower")),
        lambda model, _one: model.objects.bulk_create([model(user_id=2, ssn=models.Value(SSN))]),
    ],
)
def test_plain_text_in_a_statement_is_refused_and_not_quoted(
    profiles: Any, person: Any, write: Callable[[Any, Any], object]
) -> None:
    before = stored()
    with pytest.raises(EncryptionRefused) as raised:
        write(profiles, person)
    assert SSN not in str(raised.value)
    assert stored() == before


@pytest.mark.asvs("V11.3.3")
def test_what_somebody_put_into_the_database_is_refused_loudly(profiles: Any, person: Any) -> None:
    profiles.objects.create(user_id=2, ssn=OTHER)
    foreign = ColumnKeys(LiveRing(KeyRing({1: b"z" * 32})), entropy=SeededEntropy()).sealer("profile", "ssn")
    unknown = ColumnKeys(LiveRing(KeyRing({9: b"z" * 32})), entropy=SeededEntropy()).sealer("profile", "ssn")
    for value, reason in (
        (DIGITS.encode(), "not_sealed"), (b"", "not_sealed"), (stored()[:30], "not_sealed"),
        (stored()[:-1], "changed"), (stored(2), "changed"), (foreign.seal(b"x", row=1), "changed"),
        (unknown.seal(b"x", row=1), "unknown_key"),
    ):  # fmt: skip
        put(value)
        loaded = profiles.objects.get(pk=1)
        for attack in (lambda one=loaded: one.ssn, loaded.save, loaded.full_clean):
            with pytest.raises(SealBroken) as raised:
                attack()
            assert (raised.value.place, raised.value.reason) == ("profile.ssn:1", reason)
        assert stored() == value
        assert loaded.full_name == "Maud"


@pytest.mark.asvs("V11.3.3")
@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_every_flipped_byte_is_refused(profiles: Any, person: Any, data: st.DataObject) -> None:
    good = stored()
    position, change = data.draw(st.integers(0, len(good) - 1)), data.draw(st.integers(1, 255))
    put(bytes(byte ^ change if place == position else byte for place, byte in enumerate(good)))
    with pytest.raises(SealBroken):
        profiles.objects.get(pk=1).ssn  # noqa: B018 -- reading is the attack
    put(good)
    assert profiles.objects.get(pk=1).ssn == DIGITS


@pytest.mark.asvs("V11.3.3")
def test_an_unread_value_does_not_follow_to_another_row(profiles: Any, person: Any) -> None:
    loaded = profiles.objects.get(pk=1)
    loaded.pk = 2
    with pytest.raises(SealBroken):
        loaded.save()
    with pytest.raises(SealBroken):
        profiles.objects.bulk_create([loaded])
    assert not profiles.objects.filter(pk=2).exists()


@pytest.mark.asvs("V14.2.4")
def test_a_dump_is_sealed_and_a_fixture_is_taken_only_where_it_opens(profiles: Any, person: Any) -> None:
    from django.core import serializers
    from django.core.management import call_command

    output = StringIO()
    call_command("dumpdata", "blog.Profile", stdout=output)
    (row,) = dumped = json.loads(output.getvalue())
    assert DIGITS not in output.getvalue()
    keys = KeyRing.parse(KEYS)
    sealer = ColumnKeys(LiveRing(keys), entropy=SeededEntropy()).sealer("profile", "ssn")
    assert sealer.open(b64decode(row["fields"]["ssn"]), row=1) == DIGITS.encode()
    assert DIGITS not in serializers.serialize("json", [person])
    profiles.objects.all().delete()
    for entry in serializers.deserialize("json", output.getvalue()):
        entry.save()
    assert profiles.objects.get(ssn=SSN).ssn == DIGITS
    for attack in (
        {"pk": 2}, {"fields": {**row["fields"], "ssn": DIGITS}}, {"fields": {**row["fields"], "ssn": "not base64"}},
    ):  # fmt: skip
        for entry in serializers.deserialize("json", json.dumps([{**dumped[0], **attack}])):
            with pytest.raises(SealBroken):
                entry.save()
    empty = [{**dumped[0], "fields": {**row["fields"], "ssn": None, "ssn_index": None}}]
    for entry in serializers.deserialize("json", json.dumps(empty)):
        entry.save()
    assert profiles.objects.get(pk=1).ssn is None
    assert json.loads(serializers.serialize("json", profiles.objects.all()))[0]["fields"]["ssn"] is None


@pytest.mark.asvs("V14.2.4")
def test_a_proxy_and_a_child_are_held_to_the_same(profiles: Any, person: Any) -> None:
    from django.core import serializers
    from django.db import connection
    from django.test.utils import isolate_apps

    with isolate_apps("blog_django"):

        class ProxyProfile(profiles):  # type: ignore[misc]  # a class at run time
            class Meta:
                app_label = "blog"
                proxy = True

        class ChildProfile(profiles):  # type: ignore[misc]  # a class at run time
            class Meta:
                app_label = "blog"

        with connection.schema_editor() as editor:
            editor.create_model(ChildProfile)
        ChildProfile.objects.create(user_id=2, full_name="Ada", ssn=OTHER)
        for model, key, number in ((ProxyProfile, 1, DIGITS), (ChildProfile, 2, OTHER)):
            one, before = model.objects.get(ssn=number), stored(key)
            one.ssn = "001-01-0001"
            with pytest.raises(EncryptionRefused, match="name both in update_fields"):
                models.Model.save(one, update_fields=["ssn"])
            assert stored(key) == before
        (written,) = json.loads(serializers.serialize("json", profiles.objects.filter(pk=1)))
        (entry,) = serializers.deserialize("json", json.dumps([written]))
        entry.object.__class__ = ProxyProfile
        profiles.objects.filter(pk=1).delete()
        entry.save()
        assert stored() == b64decode(written["fields"]["ssn"])


@pytest.mark.asvs("V2.2.1")
def test_a_form_takes_ciphertext_for_text(profiles: Any, person: Any) -> None:
    from django.forms import modelform_factory

    assert "ssn" not in modelform_factory(profiles, fields="__all__").base_fields
    with isolated() as (note_model, _):
        form_class = modelform_factory(note_model, fields=["text"])
        sealed = b64encode(stored()).decode()
        form = form_class({"text": sealed})
        assert form.is_valid(), form.errors
        note = form.save()
        assert note_model.objects.get(pk=note.pk).text == sealed
        changed = form_class({"text": ""}, instance=note_model.objects.get(pk=note.pk))
        assert changed.initial["text"] == sealed
        assert changed.is_valid()
        assert changed.save().text is None
        assert not form_class({"text": "x" * 200}).is_valid()


class isolated:  # noqa: N801 -- used like a function
    """Two models of nobody's, with tables."""

    def __enter__(self) -> tuple[Any, Any]:
        from django.db import connection, models
        from django.test.utils import isolate_apps

        from bastide.django.orm.encrypted import EncryptedBytesField, EncryptedTextField

        self.apps = isolate_apps("blog_django")
        self.apps.enable()

        class Note(models.Model):  # noqa: DJ008 -- nobody reads it
            row_key = models.UUIDField(default=uuid4, unique=True)
            text = EncryptedTextField(row="row_key", editable=True, null=True, blank=True, max_length=120)
            image = EncryptedBytesField(row="row_key", editable=True, blank=True, default=b"\x00\xff")
            plain = EncryptedTextField(row="row_key", blank=True)

            class Meta:
                app_label = "blog"

        class Counted(models.Model):  # noqa: DJ008 -- nobody reads it
            text = EncryptedTextField(row="id")

            class Meta:
                app_label = "blog"

        with connection.schema_editor() as editor:
            editor.create_model(Note)
            editor.create_model(Counted)
        return Note, Counted

    def __exit__(self, *_: object) -> None:
        self.apps.disable()


def test_a_row_key_is_known_before_the_insert_and_a_counted_one_is_not(profiles: Any) -> None:
    with isolated() as (note_model, counted):
        note = note_model.objects.create(text="Zoë", row_key=UUID(int=7))
        loaded = note_model.objects.get()
        assert (loaded.text, loaded.image, loaded.plain) == ("Zoë", b"\x00\xff", "")
        assert note_model().image == b"\x00\xff"
        note.text = 7
        with pytest.raises(EncryptionRefused):
            note.save()
        with pytest.raises(EncryptionRefused, match="id is not known before the insert"):
            counted.objects.create(text="secret")
        with pytest.raises(EncryptionRefused, match="without a blind index"):
            note_model.objects.filter(text="Zoë")


def test_declarations_are_checked_and_go_into_migrations(profiles: Any) -> None:
    from django.core.management import call_command
    from django.db import models
    from django.test.utils import isolate_apps

    from bastide.django.orm.encrypted import BlindIndexField, EncryptedTextField

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    field = profiles._meta.get_field("ssn")  # noqa: SLF001
    assert field.check() == []
    name, path, arguments, options = field.deconstruct()
    assert (name, path, arguments) == ("ssn", "bastide.django.EncryptedTextField", [])
    assert options == {
        "row": "user", "blind_index": "ssn_index", "rule": "bastide.SSN", "null": True, "blank": True,
    }  # fmt: skip
    with isolate_apps("blog_django"):

        class Wrong(models.Model):  # noqa: DJ008 -- nobody reads it
            number = models.IntegerField()
            one = EncryptedTextField(row="number")
            two = EncryptedTextField(row="nowhere", blind_index="number")
            three = EncryptedTextField(row="id", unique=True)
            four = EncryptedTextField(row="id", blind_index="index")
            five = EncryptedTextField(row="id", db_default="plain")
            index = BlindIndexField()

            class Meta:
                app_label = "blog"

        found = [
            [problem.id for problem in Wrong._meta.get_field(name).check()]  # noqa: SLF001
            for name in ("one", "two", "three", "four", "five")
        ]
    assert found == [
        ["bastide.E007"], ["bastide.E007", "bastide.E008"], ["bastide.E008"], [], ["bastide.E008"],
    ]  # fmt: skip


@pytest.mark.asvs("V13.3.1")
@rows("keys", ["", "1:" + "QUJD" * 10 + "QUI=", "/nowhere/keys"])
def test_a_start_without_keys_is_refused_and_says_what_to_do(profiles: Any, keys: str) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    from bastide.django import checks

    message = {"": "BASTIDE_KEYS", "1": "a key of its own", "/": "put the key ring back there"}[keys[:1]]
    with override_settings(BASTIDE_KEYS=keys):
        with pytest.raises(ImproperlyConfigured, match=message) as raised:
            get_wsgi_application()
        assert "QUJD" not in str(raised.value)
        (problem,) = checks.check_keys()
        assert (problem.id, problem.msg) == ("bastide.E006", str(raised.value))
    assert checks.check_keys() == []


def test_a_stored_value_of_an_older_key_is_sealed_anew_with_the_next_save(profiles: Any, person: Any) -> None:
    from django.conf import settings as django_settings
    from django.db.models import Model
    from django.test import override_settings

    with override_settings(BASTIDE_KEYS=django_settings.BASTIDE_KEYS + "\n2:" + "QUJE" * 10 + "QUI="):
        loaded = profiles.objects.get(ssn=SSN)
        Model.save(loaded)
        assert stored()[:3] == b"\x01\x00\x02"
        assert profiles.objects.get(ssn=SSN).ssn == DIGITS
