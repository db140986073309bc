"""The project's admin, with what people add to theirs."""

from typing import Any

from django.contrib import admin

from support.beside.models import Note


@admin.action(description="Shout")
def shout(_admin: Any, _request: Any, notes: Any) -> None:
    for note in notes:
        note.text = note.text.upper()
        note.save()


@admin.register(Note)
class Notes(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    actions = (shout,)
    search_fields = ("text",)
    list_filter = ("owner",)
    autocomplete_fields = ("owner",)
