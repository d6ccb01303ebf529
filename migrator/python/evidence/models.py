"""Which classes are pydantic models."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.values import Facts

OF_MODELS = frozenset({"model_validate", "model_validate_json", "model_json_schema"})


def is_model(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` names a pydantic model: a class of this file, or one that it takes for a model elsewhere."""
    target = facts.names.function(node)
    if not isinstance(target, cst.ClassDef):
        return _is_used_as_model(facts, node)
    bases = [argument.value for argument in target.bases]
    return any(facts.names.path(base) == "pydantic.BaseModel" or is_model(facts, base) for base in bases)


def _is_used_as_model(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the file calls a method that only models have on the imported class that ``node`` names."""
    path = facts.names.path(node)
    asked = (each for each in facts.module.nodes(cst.Attribute) if each.attr.value in OF_MODELS)
    return bool(path) and "(" not in path and any(facts.names.path(each.value) == path for each in asked)
