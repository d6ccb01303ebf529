"""Text in UTF-16 or UTF-32, which no Python reads: a name in it is found by no search for its letters."""

TYPE_CHECKING = False  # typing itself takes as long to import as all of this module does
if TYPE_CHECKING:
    from collections.abc import Sequence

# The second byte of such a text, of its mark or of an ASCII character; UTF-8 has none of them there, and Python no NUL.
SECOND = b"\0\xfe\xff"


def is_wide(data: bytes) -> bool:
    """Whether the bytes begin as those of UTF-16 or UTF-32 do."""
    return len(data) > 1 and (data[1] in SECOND or not data[0])


def holds(data: bytes, needles: "Sequence[bytes]") -> bool:
    """Whether bytes of UTF-16 or UTF-32 hold a needle."""
    narrow = data.replace(b"\0", b"")
    return any(needle in narrow for needle in needles)
