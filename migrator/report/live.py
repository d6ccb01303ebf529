"""What a live check sent, with placeholders for what the requests say, and what was answered."""

from __future__ import annotations

import json
from collections.abc import Iterator

from migrator.report.summary import plural
from migrator.verification.live import Answer, Checked
from migrator.verification.probes import Passed, Spot
from migrator.verification.verdicts import Verdict


def text(checked: Checked) -> str:
    """The report for a person: a paragraph a call, and the counts."""
    paragraphs = [*map(_answer, checked.answers), *map(_passed, checked.passed)]
    return "".join(paragraphs) + counts(checked)


def counts(checked: Checked) -> str:
    """How many forms of request were accepted, and what became of the others."""
    verdicts = [answer.verdict for answer in checked.answers]
    unsent = verdicts.count(Verdict.NOT_SENT) + len(checked.passed)
    parts = [f"{verdicts.count(each)} {each.value}" for each in Verdict if each is not Verdict.NOT_SENT]
    forms = plural(len(verdicts) + len(checked.passed), "form")
    return f"Live check: {forms} of requests: {', '.join(parts)}, {unsent} not sent.\n"


def document(checked: Checked) -> dict[str, object]:
    """The report for a program."""
    return {
        "url": checked.url,
        "calls": [_call(answer) for answer in checked.answers],
        "not_sent": [{"place": _spot(each.spot), "reason": each.reason} for each in checked.passed],
    }


def _call(answer: Answer) -> dict[str, object]:
    return {
        "places": [_spot(spot) for spot in answer.probe.spots],
        "verdict": answer.verdict.value,
        "status": answer.status,
        "code": answer.code,
        "message": answer.message,
        "field": answer.field,
        "key": _spot(answer.spot) if answer.spot is not None else None,
        "sent": answer.probe.shown if answer.verdict is not Verdict.NOT_SENT else None,
        "left_out": list(answer.probe.left_out),
    }


def _spot(spot: Spot) -> dict[str, object]:
    return {"path": spot.path, "line": spot.line, "column": spot.column}


def _answer(answer: Answer) -> str:
    return "".join(f"{line}\n" for line in _lines(answer))


def _lines(answer: Answer) -> Iterator[str]:
    first, *others = answer.probe.spots
    also = f" (and {', '.join(map(str, others))})" if others else ""
    status = " ".join(str(each) for each in (answer.status, answer.code) if each)
    yield f"{first}{also}: {answer.verdict.value}{f' ({status})' if status else ''}"
    if answer.message:
        yield f"  answered: {answer.message}"
    if answer.spot is not None:
        yield f"  about:    {answer.spot} [{answer.field}]"
    if answer.verdict is not Verdict.NOT_SENT:
        yield f"  sent:     {_shown(answer.probe.shown)}"
    for left in answer.probe.left_out:
        yield f"  left out: {left}"


def _shown(body: dict[str, object]) -> str:
    """A body on one line, with encoded media by their length."""
    return json.dumps(_shortened(body), ensure_ascii=False)


def _shortened(value: object) -> object:
    match value:
        case str() if len(value) > 64:
            return f"<{len(value)} characters>"
        case dict():
            return {key: _shortened(inner) for key, inner in value.items()}
        case list():
            return [_shortened(inner) for inner in value]
    return value


def _passed(passed: Passed) -> str:
    return f"{passed.spot}: not sent: {passed.reason}\n"
