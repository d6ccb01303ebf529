"""The closing lines of a run in words; imports nothing, because most runs end here at once."""

from __future__ import annotations

MIGRATED = "migrated"
POSSIBLE = "can be migrated"


def counts(files: int, calling: int, statuses: tuple[int, int, int], errors: int, done: str, kept: int = 0) -> str:
    """Count files, then call sites: ``statuses`` are the migrated, those that need review and the refused.

    ``kept`` are those that a comment, the settings or a baseline keep from being spoken of.
    """
    migrated, review, refused = statuses
    suppressed = f", {kept} suppressed" if kept else ""
    return (
        f"Scanned {plural(files, 'file')}, {calling} with calls. {plural(sum(statuses) + kept, 'call site')}: "
        f"{migrated} {done}, {review} {'needs' if review == 1 else 'need'} review, {refused} refused{suppressed}. "
        f"{plural(errors, 'error')}.\n"
    )


def nothing(files: int, mentioning: int) -> str:
    """Say why a run without an error found no call."""
    if not files:
        return (
            "No Python file found. Hidden folders, virtual environments, node_modules, build and dist are passed over "
            "unless they are named.\n"
        )
    if not mentioning:
        return "Nothing to do: no file names generate_content.\n"
    names = f"{plural(mentioning, 'file')} {'names' if mentioning == 1 else 'name'} generate_content"
    return f"Nothing to do: {names}, none calls it on a google-genai client that the file shows (see -v).\n"


def verified(files: int, calling: int, statuses: tuple[int, int, int], hidden: int, errors: int, kept: int = 0) -> str:
    """Count the files and requests of a verification: ``statuses`` are the right, the wrong and the unseen ones.

    ``kept`` are those that a comment or the settings keep from being spoken of.
    """
    right, wrong, unseen = statuses
    if not calling and not errors:
        return f"Scanned {plural(files, 'file')}: no Interactions request found.\n"
    skipped = f", {unseen} not checked because the client is not visible" if unseen else ""
    suppressed = f", {kept} suppressed" if kept else ""
    values = f"{plural(hidden, 'value')} in them {'is' if hidden == 1 else 'are'} not visible and not checked. "
    return (
        f"Scanned {plural(files, 'file')}, {calling} with requests. {plural(sum(statuses) + kept, 'request')}: "
        f"{right} right, {wrong} wrong{suppressed}{skipped}. {values if hidden else ''}{plural(errors, 'error')}.\n"
    )


def plural(count: int, noun: str) -> str:
    """Give a count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
