"""The live check of files that passed the offline one: which requests they hold, what was answered, what that means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from migrator.diagnostics import Level
from migrator.dialects.requests import Reading
from migrator.embedded.verify import read
from migrator.ir import Origin
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status
from migrator.settings import Settings
from migrator.verification import live
from migrator.verification.live import Answer, Checked, Terms
from migrator.verification.placeholders import Content
from migrator.verification.probes import Passed, Probe, Spot, distinct, probe
from migrator.verification.verdicts import Verdict


def gathered(
    outcomes: Iterable[Outcome], settings_for: Callable[[str], Settings], content: Content
) -> tuple[list[Probe], list[Passed]]:
    """The distinct requests of files, as a live check would send them, and those that it never sends."""
    found: list[Probe | Passed] = []
    for outcome in outcomes:
        match read(outcome.path, outcome.before, settings_for(outcome.path)):
            case Reading() as reading:
                found += [_probe(outcome.path, reading, number, content) for number in range(len(reading.requests))]
    probes = [each for each in found if isinstance(each, Probe)]
    return distinct(probes), [each for each in found if isinstance(each, Passed)]


def _probe(path: str, reading: Reading, number: int, content: Content) -> Probe | Passed:
    def place(origin: Origin) -> Spot:
        return Spot(path, *reading.position(origin))

    return probe(reading.requests[number], place, content)


def checked(probes: Sequence[Probe], passed: Sequence[Passed], terms: Terms) -> Checked:
    """Ask the service; LiveError where that cannot be done as asked for."""
    return Checked(terms.url, tuple(live.ask(probes, terms)), tuple(passed))


# Findings -----------------------------------------------------------------------------------------------------------


def with_answers(outcome: Outcome, result: Checked) -> Outcome:
    """The outcome of a file with what the live check says about its requests."""
    sites = tuple(_site(outcome.path, site, result) for site in outcome.sites)
    wrong = any(site.status is Status.WRONG for site in sites)
    return replace(outcome, sites=sites, kind=Kind.WRONG if wrong else outcome.kind)


def _site(path: str, site: SiteReport, result: Checked) -> SiteReport:
    here = Spot(path, site.line, site.column)
    found = [finding for answer in result.answers if (finding := _finding(answer, here)) is not None]
    if not found:
        return site
    wrong = any(finding.level is Level.MANUAL for finding in found)
    return replace(site, findings=(*site.findings, *found), status=Status.WRONG if wrong else site.status)


def _finding(answer: Answer, here: Spot) -> Finding | None:
    """What an answer says about the call at ``here``; the key belongs to the first call of the form."""
    if answer.verdict is Verdict.ACCEPTED or here not in answer.probe.spots:
        return None
    spot = answer.spot if answer.spot is not None and here == answer.probe.spots[0] else here
    status = " ".join(str(each) for each in (answer.status, answer.code) if each)
    said = ": ".join(each for each in (status, answer.message) if each)
    if answer.verdict is Verdict.OUR_FAULT:
        where = f" [{answer.field}]" if answer.field else ""
        line, column = (spot.line, spot.column) if spot.path == here.path else (here.line, here.column)
        return Finding.of("MG610", f"the service refuses this: {said}{where}", line, column)
    return Finding.of("MG611", f"{answer.verdict.value}: {said}", here.line, here.column, level=Level.REVIEW)
