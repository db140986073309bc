"""Django projects that were there: their users in eight formats of Django's, and their own tests."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from django.contrib.auth import hashers

from support.existing import Existing
from support.existing_users import Person

_SALT: Final = "saltOfManyLetters22"


def _salted(hasher: Any, **costs: int) -> Callable[[str], str]:
    return lambda password: str(hasher.encode(password, _SALT, **costs))


def _made(hasher: Any, **costs: int) -> Callable[[str], str]:
    for name, cost in costs.items():
        setattr(hasher, name, cost)
    return lambda password: str(hasher.encode(password, hasher.salt()))


# Cheap ones; what Django's hashers of several years made.
DJANGO: Final = {
    "pbkdf2_sha256 of 1,200 iterations": _salted(hashers.PBKDF2PasswordHasher(), iterations=1200),
    "pbkdf2_sha256 of 2,400 iterations": _salted(hashers.PBKDF2PasswordHasher(), iterations=2400),
    "pbkdf2_sha1": _salted(hashers.PBKDF2SHA1PasswordHasher(), iterations=1000),
    "scrypt": _salted(hashers.ScryptPasswordHasher(), n=2**10),
    "scrypt of two lanes": _salted(hashers.ScryptPasswordHasher(), n=2**11, p=2),
    "bcrypt": _made(hashers.BCryptPasswordHasher(), rounds=4),
    "bcrypt_sha256": _made(hashers.BCryptSHA256PasswordHasher(), rounds=4),
    "argon2 of other parameters": _made(
        hashers.Argon2PasswordHasher(), time_cost=1, memory_cost=64, parallelism=1
    ),
}

# Run in the project's folder: everybody in people.json signs in at the project's own form, with its token.
_SIGN_IN: Final = """
import json, os, re, sys
os.environ["DJANGO_SETTINGS_MODULE"] = sys.argv[1]
import django
django.setup()
from collections import Counter
from django.contrib.auth import get_user_model
from django.test import Client

form_at, name_of, home, greeting = sys.argv[2:6]
people = json.load(open("people.json"))
users = get_user_model()
if "settle" in sys.argv:
    users.objects.bulk_create(
        users(pk=p["number"], password=p["hash"], email=f"person.{p['number']}@example.org",
              **({} if users.USERNAME_FIELD == "email" else {"username": f"Person.{p['number']}"}))
        for p in people
    )

def enter(person, password):
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"}, REMOTE_ADDR=f"192.0.2.{person['number'] % 250}")
    name = f"person.{person['number']}@example.org" if users.USERNAME_FIELD == "email" else f"Person.{person['number']}"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(form_at, secure=True).content.decode())
    form = {name_of: name, "password": password, "csrfmiddlewaretoken": token[1]}
    client.post(form_at, form, secure=True, headers={"origin": "https://localhost"})
    return greeting in client.get(home, secure=True).content.decode()

assert not enter(people[0], "wrong")
print(json.dumps(Counter(person["format"] for person in people if enter(person, person["password"]))))
"""
_FORMS: Final = {
    "gazette": ("gazette.settings", "/accounts/login/", "username", "/", "Sign out"),
    "depot": ("depot.settings", "/accounts/login/", "login", "/", "keeps 0 items"),
}


def sign_everybody_in(there: Existing, people: list[Person], *, settle: bool = False) -> Counter[str]:
    """Return how many people of each format the project's own form lets in, and that it refuses others.

    Args:
        there: the project, its tables made.
        people: who signs in.
        settle: put them into its database before.
    """
    (there.folder / "people.json").write_text(json.dumps([asdict(person) for person in people]))
    (there.folder / "sign_in.py").write_text(_SIGN_IN)
    printed = there.run("sign_in.py", *_FORMS[there.name], *(["settle"] if settle else []))
    return Counter(json.loads(printed.splitlines()[-1]))


def run_own_tests(there: Existing) -> int:
    """Return how many of the project's own tests pass, with its own runner; all do."""
    if there.name == "depot":
        printed = there.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
        found = re.search(r"^(\d+) passed(?:, \d+ warnings?)? in", printed, flags=re.MULTILINE)
    else:
        # The runner tells on the other stream; what fails ends with status 1.
        printed = there.run("-c", _TEST)
        found = re.search(r"^Ran (\d+) tests", printed, flags=re.MULTILINE)
    assert found, printed
    return int(found[1])


_TEST: Final = """
import sys
sys.stderr = sys.stdout
sys.argv = ["manage.py", "test"]
exec(open("manage.py").read())
"""
