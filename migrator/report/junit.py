"""A run as JUnit XML: a suite a file, a case a call site; what failed the run fails its case."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from migrator.diagnostics import Level
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status, pending
from migrator.report.names import relative, shown
from migrator.report.record import Record
from migrator.settings import Mode

_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(record: Record) -> str:
    """Give the XML; a call that is migrated, or waits and nobody is told, passes or is skipped."""
    suites = ET.Element("testsuites", name="migrator")
    for outcome in record.outcomes:
        suite = ET.SubElement(suites, "testsuite", name=shown(relative(outcome.path)))
        if outcome.kind is Kind.FAILED or any(it.level is Level.MANUAL for it in outcome.findings):
            _of_file(suite, outcome)
        for site in outcome.sites:
            _of_site(suite, outcome, site, record.mode)
        _count(suite)
    _count(suites)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _of_file(suite: ET.Element, outcome: Outcome) -> None:
    case = ET.SubElement(suite, "testcase", classname=shown(relative(outcome.path)), name="the file")
    _tell(case, "error" if outcome.kind is Kind.FAILED else "failure", outcome, outcome.findings)


def _of_site(suite: ET.Element, outcome: Outcome, site: SiteReport, mode: Mode) -> None:
    name = f"{site.operation} in line {site.line}, column {site.column}"
    case = ET.SubElement(suite, "testcase", classname=shown(relative(outcome.path)), name=name)
    waiting = None if mode is Mode.APPLY else pending(site)
    if site.status is Status.SUPPRESSED:
        ET.SubElement(case, "skipped", message="suppressed")
    elif site.status is Status.UNSEEN:
        ET.SubElement(case, "skipped", message="the client is not visible")
    elif waiting is not None:
        _tell(case, "failure", outcome, (waiting, *site.findings))
    elif site.status not in (Status.MIGRATED, Status.RIGHT):
        _tell(case, "failure", outcome, site.findings)


def _tell(case: ET.Element, kind: str, outcome: Outcome, findings: tuple[Finding, ...]) -> None:
    first = findings[0]
    failure = ET.SubElement(case, kind, type=first.code, message=_printable(first.message))
    failure.text = _printable(
        "\n".join(f"{shown(outcome.path)}:{it.line}:{it.column} {it.code} {it.message}\n{it.advice}" for it in findings)
    )


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _count(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(kind) is not None for case in cases)))
