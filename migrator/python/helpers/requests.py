"""The functions that rewritten code may bring along to make a request; each is defined once in a file that needs it."""

from __future__ import annotations

from migrator.planning.config import LOW, MEDIUM, USUAL

REQUEST_HELPERS = {
    "thinking_level": f'''\
def _thinking_level(budget, levels={"(" + ", ".join(f'"{level}"' for level in USUAL) + ")"}):
    """The thinking level nearest to a budget of tokens; None where the model decides."""
    if budget is None or budget == -1:
        return None
    if budget == 0:
        return levels[0]
    level = "low" if budget <= {LOW} else "medium" if budget <= {MEDIUM} else "high"
    return level if level in levels else levels[-1]
''',
}
REQUEST_SIGNATURES = {
    "thinking_level": f"(budget: Any, levels: Any = {USUAL!r}) -> Any".replace("'", '"'),
}
