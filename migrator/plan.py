"""Plan a legacy request as an Interactions request: pure functions from ``ir`` values to ``ir`` values.

A planned value is a ``Record`` of type ``body`` (keyword arguments of ``interactions.create``) or ``dict``, a ``Sequence``
or an ``Apply``; whatever is carried over keeps its ``origin``, so that a writer can carry its source text too.
"""

from __future__ import annotations

from migrator.ir import Request, Value
from migrator.planning.model import Context, Feature, Mode, Planned

__all__ = ["Context", "Feature", "Mode", "Planned", "plan_config", "plan_contents", "plan_item", "plan_request"]


def plan_config(value: Value | None, context: Context) -> Planned:
    """The keyword arguments of ``create`` that a ``GenerateContentConfig`` becomes: a ``Record`` of type ``body``.

    A ``Choice`` of configurations becomes a ``Choice`` of such records.
    """
    raise NotImplementedError


def plan_contents(value: Value, context: Context, mode: Mode | None = None) -> Planned:
    """The ``input`` that ``contents`` become; ``mode`` asks for a list of that kind where the list grows later on."""
    raise NotImplementedError


def plan_item(value: Value, mode: Mode, context: Context) -> Planned:
    """What one element appended to an existing contents list becomes: a ``Record``, or a ``Sequence`` of several."""
    raise NotImplementedError


def plan_request(request: Request, context: Context) -> Planned:
    """The whole request: a ``Record`` of type ``body`` with model, input, the configuration and, last, ``store``."""
    raise NotImplementedError
