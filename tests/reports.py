"""Runs as records, for tests of reports: all that can become of a call, text that means harm, and a large run."""

from __future__ import annotations

from migrator.catalogue import CODES
from migrator.changes import Change, spliced
from migrator.diagnostics import Level
from migrator.outcome import By, Finding, Kind, Outcome, SiteReport, Status, Summary, Unsaid
from migrator.report.record import Record
from migrator.settings import Mode

HOSTILE = (
    "x = '</noscript></script></style><script>window.harm = 1</script><img src=x onerror=harm()>"
    "\" & \x01\u202e\u2066 \x7f'"
)

_CALL = """from google import genai

client = genai.Client()
response = client.models.generate_content(model="gemini-2.5-flash", contents="Name a sea.")
print(response.text)
"""


def finding(code: str, level: Level, line: int, message: str) -> Finding:
    return Finding(code, level, line, 1, message, f"Do something about {message}.")


def site(line: int, status: Status, *findings: Finding, unsaid: tuple[Unsaid, ...] = ()) -> SiteReport:
    return SiteReport(line, 12, "generate_content", "google_genai", status, findings, unsaid=unsaid)


def record(mode: Mode, *outcomes: Outcome) -> Record:
    summary = Summary(files=len(outcomes), mentioning=len(outcomes))
    for outcome in outcomes:
        summary = summary.add(outcome)
    return Record(mode, summary, outcomes)


def mixed(mode: Mode = Mode.CHECK) -> Record:
    """A run in which everything that can become of a call does."""
    start = _CALL.index("models.generate_content")
    changes = [Change(start, start + len("models.generate_content"), "interactions.create")]
    after = spliced(_CALL, changes).encode()
    review = finding("MG107", Level.REVIEW, 2, "system_instruction is assumed to be a string")
    manual = finding("MG101", Level.MANUAL, 5, "cached_content has no place")
    torn = finding("MG402", Level.MANUAL, 1, "the file does not parse")
    kept = Unsaid(finding("MG101", Level.MANUAL, 4, "explicit caching is not part of it"), By.COMMENT)
    good = Outcome("app/good.py", Kind.MIGRATED, _CALL.encode(), after, (site(4, Status.MIGRATED),), (), tuple(changes))
    both = (site(4, Status.MIGRATED), site(4, Status.REVIEW, review))
    left = (site(4, Status.REFUSED, manual), site(4, Status.SUPPRESSED, unsaid=(kept,)))
    return record(
        mode,
        good,
        Outcome("app/web/both.py", Kind.PARTIAL, _CALL.encode(), after, both, (), tuple(changes)),
        Outcome("lib/left.py", Kind.REFUSED, _CALL.encode(), None, left),
        Outcome("torn.py", Kind.FAILED, b"client.models.generate_content(\n", None, (), (torn,)),
    )


def hostile() -> Record:
    """A run over a file whose path, text and messages mean harm."""
    said = finding("MG101", Level.MANUAL, 1, HOSTILE)
    outcome = Outcome(
        f"a\udc80\"'<b>\u202e/{HOSTILE.replace('/', '')}.py",
        Kind.REFUSED,
        HOSTILE.encode(),
        None,
        (site(1, Status.REFUSED, said),),
    )
    return record(Mode.CHECK, outcome)


def large(files: int, sites: int) -> Record:
    """A run over many files with many findings."""
    codes = [code for code in CODES if code != "MG400"]
    return record(Mode.CHECK, *(_many(number, sites, codes[number % len(codes)]) for number in range(files)))


def _many(number: int, sites: int, code: str) -> Outcome:
    filler = "".join(f"value_{at} = compute(values[{at}], name='item', flag=True)\n" for at in range(14))
    text = (filler + _CALL.partition("client = genai.Client()\n")[2]) * sites
    changes, reports = [], []
    for at in range(sites):
        line = 16 * at + 15
        status = (Status.MIGRATED, Status.REVIEW, Status.REFUSED)[at % 3]
        level = (Level.SAFE, Level.REVIEW, Level.MANUAL)[at % 3]
        reports.append(
            site(line, status, finding(code, level, line + 1, f"what is read in call {at} of module {number}"))
        )
    start = 0
    for at in range(sites):
        start = text.index("models.generate_content", start + 1)
        if at % 3 == 0:
            changes.append(Change(start, start + len("models.generate_content"), "interactions.create"))
    path = f"src/area{number % 12}/part{number % 5}/module_{number}.py"
    return Outcome(
        path, Kind.PARTIAL, text.encode(), spliced(text, changes).encode(), tuple(reports), (), tuple(changes)
    )
