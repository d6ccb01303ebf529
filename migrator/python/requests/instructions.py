"""An instruction under a name: parts and contents become the text that they are, where they are made."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.plan import plan_config
from migrator.python.evidence.module import is_none
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Place
from migrator.python.requests.bindings import Binding
from migrator.python.requests.workspace import CONFIG, Workspace
from migrator.records import dataclass

INSTRUCTION = "config.system_instruction"


@dataclass(frozen=True, slots=True)
class Instructions:
    """Rewrites the instructions of one site."""

    space: Workspace

    def named(
        self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value], place: Place
    ) -> ir.Opaque | None:
        """The text that ``node`` names now; None where a value is no text, or may be missing from a list of texts."""
        made = [pair for pair in zip(binding.values, values, strict=True) if not is_none(pair[0])]
        sure = len(made) == len(values) and all(isinstance(value, ir.Record) for value in values)
        if binding.annotations or not (sure or place.path == INSTRUCTION):
            return None
        alone = [ir.Record(CONFIG, (ir.Field("system_instruction", value),)) for _, value in made]
        results = [plan_config(each, self.space.context) for each in alone]
        texts = [each.value.get("system_instruction") for each in results if isinstance(each.value, ir.Record)]
        if len(texts) < len(made) or None in texts:
            return None
        for (where, _), text, result in zip(made, texts, results, strict=True):
            self.space.note(result)
            self.space.rewrite(where, text or ir.Literal(None))
        self.space.claim(binding, node)
        return ir.Opaque(node, "str", bool(dotted(node)), optional=not sure)
