"""Calls and comprehensions on one line that what changed inside of them makes too long for it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.module import NEWLINE, Module
from migrator.python.writing.habits import Habit, Style
from migrator.python.writing.layout import Carried, Concat, Doc, Group, Item, Text


def holders(module: Module, node: cst.CSTNode) -> list[cst.CSTNode]:
    """The calls and comprehensions on one line inside of which ``node`` stands, innermost first.

    None inside of an f-string: before Python 3.12 its code has one line.
    """
    found: list[cst.CSTNode] = []
    for holder in module.ancestors(node):
        match holder:
            case cst.FormattedString():
                return []
            case cst.BaseSmallStatement() | cst.BaseCompoundStatement() | cst.Lambda():
                break
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="generate_content" | "generate_content_stream"))):
                break  # it stays, to the letter
            case cst.Call(func=func) if func is node:
                pass
            case cst.Call() | cst.ListComp() | cst.SetComp() | cst.DictComp() if _is_one_line(module, holder):
                found.append(holder)
        node = holder
    return found


def _is_one_line(module: Module, node: cst.CSTNode) -> bool:
    return NEWLINE.search(module.source(node)) is None


def relaid(node: cst.CSTNode, style: Style) -> Doc:
    """A call or comprehension, which may have several lines."""
    match node:
        case cst.Call(func=func, args=[cst.Arg(value=cst.GeneratorExp(lpar=[]) as inside)]):
            return Concat((Carried(func), Group("(", tuple(_clauses(inside)), ")", separator=" ")))
        case cst.Call(func=func, args=args):
            items = tuple(Item(Carried(each.value), _prefix(each)) for each in args)
            return Concat(
                (Carried(func), Group("(", items, ")", Habit(final_comma=style.final_comma and len(items) > 1)))
            )
        case cst.ListComp() | cst.SetComp() | cst.DictComp():
            opening, closing = "[]" if isinstance(node, cst.ListComp) else "{}"
            return Group(opening, tuple(_clauses(node)), closing, separator=" ")
    raise TypeError(f"nothing to lay out anew: {node!r}")


def _clauses(node: cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp) -> Iterator[Item]:
    """A comprehension by its clauses."""
    match node:
        case cst.DictComp(key=key, value=value):
            yield Item(Concat((Carried(key), Text(": "), Carried(value))))
        case _:
            yield Item(Carried(node.elt))
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        word = "async for " if clause.asynchronous is not None else "for "
        yield Item(Concat((Text(word), Carried(clause.target), Text(" in "), Carried(clause.iter))))
        for condition in clause.ifs:
            yield Item(Concat((Text("if "), Carried(condition.test))))
        clause = clause.inner_for_in


def _prefix(argument: cst.Arg) -> str:
    return f"{argument.keyword.value}=" if argument.keyword else argument.star
