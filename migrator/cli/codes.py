"""The exit codes; see docs/exit-codes.md."""

from __future__ import annotations

from typing import Final

CLEAN: Final = 0  # nothing left
LEFT: Final = 1  # something to do, or refused
ERROR: Final = 2  # a file, an option or a map that cannot be used
INTERRUPTED: Final = 130
