"""Every question that Django asks about rights, and one answer to all of them."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from bastide import Principal
from support.blog import Blog
from support.core import HERE

# What each of them holds; a superuser holds whatever is asked for.
NAMES = {
    "write_post": {"author", "boss"},
    "bastide_accounts.write_post": {"author", "boss"},
    "blog.change_post": {"editor", "boss"},
    "bastide_accounts.change_post": {"boss"},
    "bastide_accounts.blog.change_post": {"boss"},
    "change_post": {"boss"},
    "blog.write_post": {"boss"},
    "admin_access": {"boss"},
    "nobody.has_it": {"boss"},
}
MODULES = {
    "bastide_accounts": {"author", "boss"},
    "blog": {"editor", "boss"},
    "admin": {"boss"},
    "": {"boss"},
}


@pytest.fixture
def people(blog: Blog) -> dict[str, Any]:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import AnonymousUser, Permission

    users: Any = get_user_model()
    blog.add_account("author", "author")
    blog.add_account("disabled", "author")
    for name in ("editor", "stranger", "boss"):
        blog.add_account(name)
        users.objects.get(username=name).groups.clear()
    change = Permission.objects.get(codename="change_post", content_type__app_label="blog")
    for name in ("editor", "disabled"):
        users.objects.get(username=name).user_permissions.add(change)
    users.objects.filter(username="boss").update(is_superuser=True)
    users.objects.filter(username="disabled").update(is_active=False)
    return {**{user.username: user for user in users.objects.all()}, "anonymous": AnonymousUser()}


def answers(user: Any, name: str) -> dict[str, bool]:
    """Return what each way of asking for one permission says of the user."""
    from django.contrib.auth.context_processors import PermWrapper
    from django.template import engines

    async def ask() -> dict[str, bool]:
        return {
            "ahas_perm": await user.ahas_perm(name),
            "ahas_perms": await user.ahas_perms([name]),
        }

    said = {
        "has_perm": user.has_perm(name),
        "has_perms": user.has_perms([name]),
        **async_to_sync(ask)(),
    }
    if "." in name:
        page = engines["django"].from_string(f"{{% if perms.{name} %}}yes{{% endif %}}")
        wrapped = PermWrapper(user)
        said["in perms"] = name in wrapped
        if name.count(".") == 1:
            said["perms in a template"] = page.render({"perms": wrapped}) == "yes"
    return said


def module_answers(user: Any, label: str) -> dict[str, bool]:
    from django.contrib.auth.context_processors import PermWrapper

    said = {"has_module_perms": user.has_module_perms(label), "in perms": label in PermWrapper(user)}
    if hasattr(user, "ahas_module_perms"):
        said["ahas_module_perms"] = async_to_sync(user.ahas_module_perms)(label)
    return said


def lists(user: Any) -> dict[str, set[str]]:
    """Return what each way of listing all permissions lists."""

    async def ask() -> dict[str, set[str]]:
        own, by_group = await user.aget_user_permissions(), await user.aget_group_permissions()
        return {"aget_all": await user.aget_all_permissions(), "aget_user and group": own | by_group}

    parts = user.get_user_permissions() | user.get_group_permissions()
    return {"get_all": user.get_all_permissions(), "user and group": parts, **async_to_sync(ask)()}


@pytest.mark.asvs("V8.2.1")
def test_every_way_to_ask_gives_one_answer(people: dict[str, Any]) -> None:
    wrong = [
        (who, name, way)
        for who, user in people.items()
        for name, holders in NAMES.items()
        for way, said in answers(user, name).items()
        if said is not (who in holders)
    ]
    wrong += [
        (who, label, way)
        for who, user in people.items()
        for label, holders in MODULES.items()
        for way, said in module_answers(user, label).items()
        if said is not (who in holders)
    ]
    assert wrong == []


@pytest.mark.asvs("V8.2.1")
def test_every_list_holds_what_is_granted_and_no_more(people: dict[str, Any]) -> None:
    for who, user in people.items():
        listed = lists(user)
        for way, names in listed.items():
            assert names == listed["get_all"], (who, way)
            for name, holders in NAMES.items():
                # A superuser is granted what nobody has heard of; only what there is can be listed.
                is_known = name in {
                    "write_post",
                    "bastide_accounts.write_post",
                    "blog.change_post",
                    "admin_access",
                }
                assert (name in names) is (who in holders and (who != "boss" or is_known)), (who, way, name)
    assert people["author"].get_user_permissions() == set()
    assert "write_post" in people["author"].get_group_permissions()
    assert people["editor"].get_user_permissions() == {"blog.change_post"}
    assert people["editor"].get_group_permissions() == set()
    assert people["editor"].get_all_permissions(obj=people["author"]) == set()


@pytest.mark.asvs("V8.2.1")
def test_with_perm_lists_whoever_has_it(blog: Blog, people: dict[str, Any]) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Permission
    from django.test import override_settings

    from blog_django import settings as own
    from blog_django.models import Post
    from blog_shared.access import EDIT_POST

    users: Any = get_user_model().objects

    def who(*arguments: Any, **options: Any) -> set[str]:
        return {user.username for user in users.with_perm(*arguments, **options)}

    for name, holders in NAMES.items():
        if name.count(".") < 2:
            assert who(name) == holders, name
    assert who("write_post", include_superusers=False) == {"author"}
    assert who("write_post", is_active=False) == {"disabled"}
    assert who("write_post", is_active=None) == {"author", "disabled", "boss"}
    change = Permission.objects.get(codename="change_post", content_type__app_label="blog")
    assert who(change) == {"editor", "boss"}
    post = Post(author=people["author"])
    with override_settings(BASTIDE={**own.BASTIDE, "policies": {"edit_post": EDIT_POST}}):
        for is_active in (True, False, None):
            expected = {
                name
                for name, user in people.items()
                if user.is_active and is_active is not False and user.has_perm("edit_post", post)
            }
            assert who("edit_post", obj=post, is_active=is_active) == expected
        assert who("edit_post", obj=post, include_superusers=False) == {"author"}
        assert who("unknown", obj=post, include_superusers=False) == set()
        assert asyncio.run(_ask_policy(people, post)) == {"author", "boss"}


async def _ask_policy(people: dict[str, Any], post: Any) -> set[str]:
    from support.django_blog import close_all

    said = {name for name, user in people.items() if await user.ahas_perm("edit_post", post)}
    await sync_to_async(close_all)()
    return said


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch, *patterns: Any) -> Iterator[None]:
    """Serve these besides the blog's own."""
    from django.test import override_settings

    from blog_django.urls import urlpatterns

    module = ModuleType("rights_urls")
    module.urlpatterns = [*urlpatterns, *patterns]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with override_settings(ROOT_URLCONF="rights_urls"):
        yield


@pytest.mark.asvs("V8.2.1")
def test_within_a_request_the_answers_are_the_same(
    blog: Blog, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.http import HttpRequest, JsonResponse
    from django.test import Client
    from django.urls import path

    from bastide.django import public

    @public
    def ask(request: HttpRequest) -> JsonResponse:
        said = {name: set(answers(request.user, name).values()) for name in NAMES}
        said |= {label: set(module_answers(request.user, label).values()) for label in MODULES}
        listed = {frozenset(names) for names in lists(request.user).values()}
        return JsonResponse({"said": {name: list(each) for name, each in said.items()}, "lists": len(listed)})

    with served(monkeypatch, path("ask", ask)):
        for who in ("author", "editor", "stranger", "boss", "anonymous"):
            client = Client(headers={"host": "localhost"})
            if who != "anonymous":
                client.force_login(people[who])
            answer = client.get("/ask").json()
            expected = {name: [who in holders] for name, holders in {**NAMES, **MODULES}.items()}
            assert answer == {"said": expected, "lists": 1}, who


@pytest.mark.asvs("V8.2.1", "V8.3.2")
def test_a_superuser_who_is_limited_is_limited_for_django_too(
    blog: Blog, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.http import HttpRequest, JsonResponse
    from django.test import Client
    from django.urls import path

    from bastide.django import api, public

    @api
    @public
    def ask(request: HttpRequest) -> JsonResponse:
        held = {
            name
            for name in NAMES
            if answers(request.user, name) == dict.fromkeys(answers(request.user, name), True)
        }
        modules = [label for label in MODULES if set(module_answers(request.user, label).values()) == {True}]
        return JsonResponse({"held": sorted(held), "modules": modules})

    boss = people["boss"]
    issued = token_of(blog, boss.pk, {"write_post"})
    with served(monkeypatch, path("ask", ask)):
        client = Client(headers={"host": "localhost"})
        by_token = client.get("/ask", headers={"Authorization": f"Bearer {issued}"}, secure=True).json()
        assert by_token == {
            "held": ["bastide_accounts.write_post", "write_post"],
            "modules": ["bastide_accounts"],
        }
        client.force_login(boss)
        assert client.get("/ask", secure=True).json()["held"] == sorted(NAMES)


def token_of(blog: Blog, account_id: Any, scopes: set[str]) -> str:
    """Issue a token to an account, as its page does."""
    account = blog.services.stores.accounts.get_account(account_id)
    assert account is not None
    principal = Principal(account_id=account_id, permissions=frozenset(scopes), is_fresh=True)
    session = blog.services.sessions.start(principal, HERE)
    issued = blog.services.api_tokens.issue(session, account, HERE, name="script", scopes=frozenset(scopes))
    assert issued is not None
    return issued.text.reveal()
