"""How two runs differ, the deepest cause first: a wrong request, another request, then what follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from migrator.proof import output, requests
from migrator.proof.differences import Code, Difference, Wrong
from migrator.proof.ran import Ran
from migrator.records import dataclass

LAST_LINES = 6


@dataclass(frozen=True, slots=True)
class Free:
    """What may differ, because two runs of the code as it is differ in it as well."""

    parts: frozenset[str] = frozenset()
    stdout: output.Varying = output.STEADY
    stderr: output.Varying = output.STEADY

    @property
    def lines(self) -> int:
        """How many lines of output vary."""
        return len(self.stdout) + len(self.stderr)


NOTHING = Free()


def what_varies(before: Ran, again: Ran) -> Free:
    """What two runs of the same code do not share."""
    return Free(
        requests.varying(before, again),
        output.varying(before.ended.stdout, again.ended.stdout),
        output.varying(before.ended.stderr, again.ended.stderr),
    )


def differences(before: Ran, after: Ran, free: Free = NOTHING) -> list[Difference]:
    """One difference of each kind, the first of which explains most; none where the runs do the same."""
    return list(_found(before, after, free))


def _found(before: Ran, after: Ran, free: Free) -> Iterator[Difference]:
    known = Counter(each.problem for each in before.refused)
    for refused in after.refused:
        if not known[refused.problem]:
            yield Wrong(after.place(refused.origin), refused.problem)
            break
    if other := requests.difference(before, after, free.parts):
        yield other
    if before.ended.code != after.ended.code:
        yield Code(before.ended.code, after.ended.code, last_lines(after))
    for stream, varies in (("output", free.stdout), ("error output", free.stderr)):
        name = "stdout" if stream == "output" else "stderr"
        if line := output.difference(stream, getattr(before.ended, name), getattr(after.ended, name), varies):
            yield line


def last_lines(ran: Ran) -> tuple[str, ...]:
    """The last lines that a run said: its errors, or else its output."""
    said = ran.ended.stderr.strip() or ran.ended.stdout.strip()
    return tuple(said.splitlines()[-LAST_LINES:])
