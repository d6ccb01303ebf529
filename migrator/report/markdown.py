"""A run as Markdown: a comment on a pull request, or the summary of a pipeline's step."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from migrator.catalogue import CODES
from migrator.outcome import Finding, Outcome
from migrator.report import summary as words
from migrator.report.names import relative, shown
from migrator.report.record import Record
from migrator.settings import Mode

LONGEST = 60_000  # a comment on GitHub holds 65,536 characters
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render(record: Record) -> str:
    """Give the report: the counts, what is said how often, and each file, as many as fit in a comment."""
    counted = record.summary
    statuses = (counted.migrated, counted.review, counted.refused)
    done = words.MIGRATED if record.mode is Mode.APPLY else words.POSSIBLE
    kept = counted.suppressed
    text = f"## migrator\n\n{words.counts(counted.files, counted.calling, statuses, counted.errors, done, kept)}"
    findings = [finding for _, finding in record.all()]
    if findings:
        text += "\n" + _table(findings)
    told = [outcome for outcome in record.outcomes if record.findings(outcome)]
    for position, outcome in enumerate(told):
        part = "".join(_file(record, outcome))
        if len(text) + len(part) > LONGEST:
            return text + f"\n{words.plural(len(told) - position, 'more file')}: see `migrator check`.\n"
        text += part
    return text


def _table(findings: list[Finding]) -> str:
    counts = Counter(finding.code for finding in findings)
    rows = [f"| {code} | {_plain(CODES[code].title)} | {count} |\n" for code, count in counts.most_common()]
    return "| code | | findings |\n| --- | --- | ---: |\n" + "".join(rows)


def _file(record: Record, outcome: Outcome) -> Iterator[str]:
    findings = record.findings(outcome)
    yield f"\n<details><summary><code>{_escaped(shown(relative(outcome.path)))}</code>: {len(findings)}</summary>\n\n"
    for finding in findings:
        place = f"{finding.line}:{finding.column}" + (f" (cell {finding.cell})" if finding.cell else "")
        message = f"{_plain(finding.message)}. {_plain(finding.advice)}".rstrip()
        yield f"- **{place}** {finding.code} ({finding.level.value}): {message}\n"
    yield "\n</details>\n"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
