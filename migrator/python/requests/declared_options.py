"""Values that an option is declared with: of a command line, of a field, of a widget that offers a choice."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.scopes import Definition, dotted
from migrator.python.evidence.values import Facts

_FIELDS = frozenset({"Option", "Argument", "Field", "field", "Query", "Body", "Form", "Header", "Secret"})
_WIDGETS = frozenset({"selectbox", "radio", "select_slider", "pills", "segmented_control", "text_input"})


def offered(facts: Facts, node: cst.Attribute) -> Iterator[cst.BaseExpression]:
    """What ``args.model`` may be, where ``add_argument("--model", default=…, choices=…)`` is in the file."""
    for called in facts.module.attributes("add_argument"):
        call = facts.module.parent(called)
        if isinstance(call, cst.Call) and call.func is called and node.attr.value in _destinations(call):
            yield from _declared_by(call)


def option(parameter: Definition) -> Iterator[cst.BaseExpression]:
    """What a decorator gives a parameter: ``@click.option("--model", default="gemini-2.5-flash")``."""
    function = parameter.scope.node
    for decorator in function.decorators if isinstance(function, cst.FunctionDef) else ():
        if isinstance(decorator.decorator, cst.Call) and parameter.name in _destinations(decorator.decorator):
            yield from _declared_by(decorator.decorator)


def declared(call: cst.Call) -> Iterator[cst.BaseExpression]:
    """What ``typer.Option("gemini-2.5-flash")``, ``Field(default=…)`` or ``st.selectbox("Model", […])`` may give."""
    name = dotted(call.func).rpartition(".")[2]
    if name in _FIELDS:
        yield from _declared_by(call)
        yield from (argument.value for argument in call.args[:1] if argument.keyword is None)
    elif name in _WIDGETS:
        for argument in call.args[1:]:
            yield from _listed(argument.value)


def _declared_by(call: cst.Call) -> Iterator[cst.BaseExpression]:
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value in ("default", "const", "choices"):
            yield from _listed(argument.value)


def _listed(value: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(value, (cst.List, cst.Tuple)):
        yield from (element.value for element in value.elements)
    else:
        yield value


def _destinations(call: cst.Call) -> set[str]:
    """The names under which an option is read."""
    found = set()
    for argument in call.args:
        if isinstance(argument.value, cst.SimpleString):
            name = str(argument.value.evaluated_value)
            if argument.keyword is None:
                found.add(name.lstrip("-").replace("-", "_"))
            elif argument.keyword.value == "dest":
                found.add(name)
    return found
