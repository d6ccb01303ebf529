"""How a medium is cut, under a name of its own: a dict where it is made, or None."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.plan import plan_item
from migrator.planning.model import Mode
from migrator.python.evidence.values import Place
from migrator.python.requests.bindings import Binding
from migrator.python.requests.workspace import DICT, Workspace
from migrator.records import dataclass

CUTS = {"VideoMetadata": "video/mp4", "AudioMetadata": "audio/mp3", "DocumentMetadata": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Cuts:
    """Rewrites them for one site, which reads them at ``place``."""

    space: Workspace
    place: Place

    def named(self, node: cst.BaseExpression, binding: Binding, values: list[ir.Value]) -> ir.Value:
        """The dict that ``node`` names now, or None; Unknown where one of its values cannot be one."""
        made = [self._cut(value) for value in values]
        if None in made:
            return ir.Unknown(f"{binding.label} is made elsewhere, and its value is not visible", node)
        for value, where in zip(made, binding.values, strict=True):
            if value is not None and not isinstance(value, (ir.Literal, ir.Opaque)):
                self.space.rewrite(where, value)
        self.space.claim(binding, node)
        self.space.declare(binding, f"{DICT} | None" if len(binding.values) > 1 else DICT)
        return ir.Opaque(node, ir.PLANNED)

    def _cut(self, value: ir.Value) -> ir.Value | None:
        """What ``value`` becomes beside a medium of its kind; None where that does not show."""
        match value:
            case ir.Literal(value=None) | ir.Opaque(type=ir.PLANNED):
                return value
            case ir.Record() | ir.Choice():
                name = self.place.path.rpartition(".")[2]
                medium = (("file_uri", ""), ("mime_type", CUTS[self.place.type]))
                file = ir.Record("FileData", tuple(ir.Field(key, ir.Literal(text)) for key, text in medium))
                part = ir.Record("Part", (ir.Field("file_data", file), ir.Field(name, value)))
                result = plan_item(part, Mode.STEPS, self.space.context)
                self.space.note(result)
                inside = ir.walk(result.value) if result.value is not None else ()
                found = (each.get("processing") for each in inside if isinstance(each, ir.Record))
                return next((each for each in found if each is not None), None)
        return None
