"""Which reader a document has, by its name."""

from __future__ import annotations

from collections.abc import Callable

from migrator.embedded.document import Document
from migrator.embedded.markup import read_markdown, read_restructured_text
from migrator.embedded.notebook import read_notebook

_READERS: dict[str, Callable[[bytes], Document]] = {
    ".ipynb": read_notebook,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".rst": read_restructured_text,
}


def reader_of(path: str) -> Callable[[bytes], Document]:
    """What reads the document ``path``; it raises DocumentError where it cannot."""
    return _READERS["." + path.rpartition(".")[2].lower()]
