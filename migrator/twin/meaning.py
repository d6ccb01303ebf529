"""What a request means, whichever of the two protocols it is spoken in.

Both bodies are read into one ``Meaning``; two requests ask for the same thing exactly when their meanings are equal.
Transport (timeouts, storage, streaming) is no part of it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, field
from typing import TYPE_CHECKING, Any

from migrator.casing import camel
from migrator.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]


@dataclass(frozen=True)
class Meaning:
    """One request, free of its protocol; every value is plain JSON data."""

    model: str
    system: str = ""
    turns: list[list[Any]] = field(default_factory=list)  # [role, [item, ...]], neighbours of one role merged
    tools: list[Json] = field(default_factory=list)
    tool_choice: Json = field(default_factory=dict)
    sampling: Json = field(default_factory=dict)
    thinking: Json = field(default_factory=dict)
    format: Json = field(default_factory=dict)
    modalities: list[str] = field(default_factory=list)
    image: Json = field(default_factory=dict)
    speech: list[Json] = field(default_factory=list)
    safety: list[Json] = field(default_factory=list)
    labels: Json = field(default_factory=dict)
    tier: str = ""
    version: str = ""
    headers: Json = field(default_factory=dict)
    other: Json = field(default_factory=dict)  # asked for by the legacy body, and nothing above

    def digest(self) -> str:
        """A short name of all that shapes the words of an answer."""
        said = [self.system, self.turns, self.tools, self.tool_choice, self.sampling, self.format, self.modalities]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:8]

    def prompt(self) -> str:
        """What the user said last, results of functions left out: a directive to the server, and what it echoes."""
        for role, items in reversed(self.turns):
            texts = [item["text"] for item in items if item["type"] == "text"]
            if role == "user" and texts:
                return " ".join(texts)
        return ""

    def rounds(self) -> int:
        """How often functions were called, and their results sent, since the user last said something."""
        found = 0
        for role, items in reversed(self.turns):
            if role == "user" and any(item["type"] == "text" for item in items):
                break
            found += role == "user"
        return found

    def last_item(self) -> Json:
        """The last thing said to the model."""
        item: Json = self.turns[-1][1][-1] if self.turns and self.turns[-1][1] else {}
        return item


def differences(left: Meaning, right: Meaning) -> list[str]:
    """One line for each field in which the two meanings differ."""
    ours, theirs = asdict(left), asdict(right)
    return [f"{name}: {ours[name]!r} != {theirs[name]!r}" for name in ours if ours[name] != theirs[name]]


def get(record: Json, name: str) -> Any:  # noqa: ANN401  JSON, as it comes
    """The field of a legacy record; the SDK mixes both spellings on the wire."""
    return record.get(name, record.get(camel(name)))


def clean(record: Json) -> Json:
    """What a record says, without what is empty."""
    return {key: value for key, value in record.items() if value not in (None, "", [], {})}


def merged(said: Iterator[tuple[str, Json]]) -> list[list[Any]]:
    """Who says what; a reply that came in pieces is sent back in pieces or whole, which means the same."""
    turns: list[list[Any]] = []
    for role, item in said:
        if not turns or turns[-1][0] != role:
            turns.append([role, []])
        items = turns[-1][1]
        if role == "model" and items and item["type"] == items[-1]["type"] == "text":
            items[-1] = {**items[-1], "text": items[-1]["text"] + item["text"]}
        else:
            items.append(item)
    return turns


def sampled(config: Json) -> Json:
    """The settings of sampling, numbers as numbers; they are taken out of ``config``."""
    names = ("temperature", "top_p", "top_k", "max_output_tokens", "stop_sequences", "seed")
    found = {name: config.pop(name, None) for name in names}
    numbers = {k: float(v) if isinstance(v, int | float) else v for k, v in found.items()}
    return {key: value for key, value in numbers.items() if value is not None}


def modalities_of(names: list[str]) -> list[str]:
    """The modalities that an answer may have; text alone goes without saying."""
    found = sorted({name.lower() for name in names})
    return [] if found == ["text"] else found


def safety_of(settings: list[Json], key: str) -> list[Json]:
    """Safety settings in one spelling; ``key`` names what each is about."""
    found = [
        {
            "type": setting[key].removeprefix("HARM_CATEGORY_").lower(),
            "threshold": setting.get("threshold", "").lower(),
            "method": (setting.get("method") or "").lower(),
        }
        for setting in settings
    ]
    return sorted(found, key=lambda setting: setting["type"])


def tier_of(name: str | None) -> str:
    """The service tier in one spelling, empty where none is asked for."""
    return "" if name in (None, "unspecified") else str(name).lower()
