"""Where the cells of a notebook or the blocks of a page begin, in the program that they make together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segments:
    """The offsets at which the segments begin, and of those among them that import the SDK.

    The cells of a notebook all run. Of the blocks of a page one may be meant in the place of another, as where it shows
    two ways to ask, and a reader may begin with each that imports the SDK.
    """

    starts: tuple[int, ...] = ()
    importing: tuple[int, ...] = ()
    is_page: bool = False

    @property
    def home(self) -> int:
        """The offset from which on imports and helpers are put, where there is one place for them."""
        return self.importing[0] if self.importing else 0


WHOLE = Segments()
"""A file of its own."""
