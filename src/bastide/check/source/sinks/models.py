"""Fields that visitors may fill although no form lists them."""

import ast
from collections.abc import Iterator

from bastide.check.findings import Finding
from bastide.check.rules import Severity
from bastide.check.source.module import argument, called_name, constant
from bastide.check.source.origins import Origin
from bastide.check.source.place import Place, on_call, on_node


@on_node(ast.Call)
def filled(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``User(**request.json)``: the visitor names the fields."""
    for given in call.keywords:
        if given.arg is None and _is_all_that_was_sent(place, given.value):
            name = called_name(call)
            if name[:1].isupper() or name in {
                "create",
                "update",
                "update_or_create",
                "get_or_create",
                "values",
            }:
                yield place.found("BST182", call, f"`{name}()` takes every field that a visitor names")


def _is_all_that_was_sent(place: Place, node: ast.expr) -> bool:
    if isinstance(node, (ast.Dict, ast.DictComp)) or place.origin(node) is not Origin.REQUEST:
        return False
    if isinstance(node, ast.Name):
        owner = place.scope.owner(node.id)
        values = owner.values.get(node.id, []) if owner is not None else []
        return bool(values) and all(_is_all_that_was_sent(place, each) for each in values)
    return "cleaned_data" not in ast.unparse(node) and "validated_data" not in ast.unparse(node)


@on_call("setattr")
def attribute_set(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``setattr(user, name, value)`` for names that were sent."""
    name = argument(call, 1)
    if name is not None and place.origin(name) is Origin.REQUEST and not _is_of_a_form(place, name):
        yield place.found("BST182", call, f"`{place.told(name)}` chooses the field that is written")


def _is_of_a_form(place: Place, name: ast.expr) -> bool:
    """Tell whether the names are those of a form's fields, as ``cleaned_data`` has them."""
    owner = place.scope.owner(name.id) if isinstance(name, ast.Name) else None
    values = owner.values.get(name.id, []) if owner is not None and isinstance(name, ast.Name) else []
    told = [ast.unparse(each) for each in values]
    return any("cleaned_data" in each or "validated_data" in each for each in told)


@on_node(ast.Assign)
def all_fields(place: Place, node: ast.Assign) -> Iterator[Finding]:
    """``fields = "__all__"`` of a model form: what is added later can be written at once."""
    within = place.scope.node
    outer = place.scope.parent.node if place.scope.parent is not None else None
    if not isinstance(within, ast.ClassDef) or within.name != "Meta" or not isinstance(outer, ast.ClassDef):
        return
    if "depth" in place.scope.values:
        return  # what REST framework nests is only read
    bases = [ast.unparse(base) for base in outer.bases]
    if not any(
        base.endswith(("ModelForm", "ModelSerializer", "HyperlinkedModelSerializer")) for base in bases
    ):
        return
    for target in node.targets:
        if isinstance(target, ast.Name) and target.id == "fields" and constant(node.value) == "__all__":
            message = f"`{outer.name}` takes every field, also those to come"
            yield place.found("BST182", node, message, severity=Severity.MEDIUM)


@on_call("user_passes_test")
def sent_to_sign_in(place: Place, call: ast.Call) -> Iterator[Finding]:
    """Signed-in users who fail the test go round in circles."""
    parent = place.module.parents.get(call)
    is_view = isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)) and call in parent.decorator_list
    if is_view and not any(given.arg == "login_url" for given in call.keywords):
        yield place.found("BST183", call, "signed-in users who may not are sent to sign in again")


@on_call("TextField")
def length_not_kept(place: Place, call: ast.Call) -> Iterator[Finding]:
    """``TextField(max_length=…)``: neither the database nor the model looks at it."""
    name = place.dotted(call.func)
    if (
        name in {"models.TextField", "django.db.models.TextField"}
        and any(given.arg == "max_length" for given in call.keywords)
        and not any(given.arg == "validators" for given in call.keywords)
    ):
        yield place.found("BST184", call, "`max_length` of a `TextField` is not enforced")


@on_call("Column", "mapped_column")
def hash_cut(place: Place, call: ast.Call) -> Iterator[Finding]:
    """A column that is shorter than the hashes it is for."""
    parent = place.module.parents.get(call)
    target = parent.targets[0] if isinstance(parent, ast.Assign) else getattr(parent, "target", None)
    name = target.id if isinstance(target, ast.Name) else ""
    if "password" not in name and "pw_hash" not in name:
        return
    for each in call.args:
        if isinstance(each, ast.Call) and called_name(each) in {"String", "Unicode", "VARCHAR"} and each.args:
            length = constant(each.args[0])
            if isinstance(length, int) and length < LONGEST_HASH:
                yield place.found(
                    "BST185", call, f"{length} characters: a scrypt hash of Werkzeug has {LONGEST_HASH}"
                )


LONGEST_HASH = 162
