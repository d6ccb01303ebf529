"""Whether the names that new code needs are free in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Facts
from migrator.python.helpers.definitions import is_definition


def taken(facts: Facts, helpers: Iterable[str], modules: Iterable[str]) -> Iterator[str]:
    """The names of ``helpers``, and of ``modules`` of google.genai, that stand for something else in the file."""
    yield from (f"_{each}" for each in helpers if not is_free(facts, each))
    yield from (each for each in modules if not is_import(facts, each))


def taken_beside(facts: Facts, helper: str, names: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The name of ``helper``, and those that it is to import, that stand for something else at the top of the file.

    ``names`` are modules and what is imported from each.
    """
    if not is_free(facts, helper):
        yield f"_{helper}"
    top = facts.scopes.own(facts.module.tree).definitions
    for module, name in names:
        if any(each.kind is not Kind.IMPORT or not each.module.startswith(module) for each in top.get(name, ())):
            yield name


def is_free(facts: Facts, name: str) -> bool:
    """Whether nothing else in the file is called as the helper ``name`` is."""
    taken = [each for scope in facts.scopes.scope_of.values() for each in scope.definitions.get(f"_{name}", ())]
    return all(is_definition(name, facts.module.source(each.node)) for each in taken)


def is_import(facts: Facts, name: str) -> bool:
    """Whether ``name`` stands for that module of google.genai wherever the top of the file defines it, if at all."""
    taken = facts.scopes.own(facts.module.tree).definitions.get(name, ())
    return all(each.module == f"google.genai.{name}" for each in taken)
