"""The formats of a report by name; each is a function of the whole run, imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from migrator.report.record import Record

FORMATS = ("text", "json", "github", "gitlab", "sarif", "junit", "markdown", "html")


def render(name: str, record: Record) -> str:
    """Give the report of a run in the format ``name``."""
    module = importlib.import_module(f"migrator.report.{'plain' if name == 'text' else name}")
    return cast("Callable[[Record], str]", module.render)(record)
