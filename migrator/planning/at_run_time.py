"""What the conversion of a whole configuration, while the program runs, can settle of it.

The conversion is handed the configuration as an object of the SDK: what it sets is there to see, wherever it was set.
"""

from __future__ import annotations

from migrator.diagnostics import Settled

_GROUPS = frozenset({"ThinkingConfig", "AutomaticFunctionCallingConfig"})
"""The objects inside of a configuration that the conversion takes apart, or leaves out as interactions call nothing."""
_OF_SETTINGS = "Config"  # how the SDK ends the names of the types that hold settings


def group_settled(kind: str) -> Settled:
    """Who can settle that a record of the legacy type ``kind`` inside of a configuration is not visible."""
    return Settled.BY_THE_RUN if kind in _GROUPS else Settled.BY_HAND


def splat_settled(kind: str) -> Settled:
    """Who can settle that fields which are splatted into a record of the legacy type ``kind`` are not visible."""
    return Settled.BY_THE_RUN if kind.endswith(_OF_SETTINGS) else Settled.BY_HAND
