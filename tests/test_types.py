"""No rewrite makes a type error: before and after are checked against the installed SDK, all in one run of mypy.

Where mypy does not match a literal of dicts with the SDK's unions, or a model that is any ``str``, the SDK falls back
to ``create(**kwargs: Any)``, which may return a stream: complaints about the union that this gives are left out. So are
those about texts and data of a reply that the SDK declares optional, though a reply that has them has them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from cases import cases

if TYPE_CHECKING:
    from pathlib import Path

OVERLOADS = re.compile(r'^Item "(Async)?Stream\[|^Item .* of "Any \| ')
OPTIONAL = re.compile(r'incompatible type "str \| None"; expected "str \| (bytes|Buffer)')
ERROR = re.compile(r"^.*?(\w+)\.py:(\d+): error: (.*)  \[([\w-]+)\]$")


def test_rewrites_make_no_type_error(tmp_path: Path) -> None:
    migrated = [case for case in cases() if case.after is not None]
    for case in migrated:
        name = case.name.replace("/", "__")
        (tmp_path / f"before__{name}.py").write_bytes(case.before)
        (tmp_path / f"after__{name}.py").write_bytes(case.after or b"")
    found = _mypy(tmp_path)
    new = []
    for case in migrated:
        name = case.name.replace("/", "__")
        allowed = Counter(code for file, _, _, code in found if file == f"before__{name}")
        for file, line, message, code in found:
            if file == f"after__{name}" and not OVERLOADS.match(message) and not OPTIONAL.search(message):
                allowed[code] -= 1
                if allowed[code] < 0:
                    new.append(f"{case.name}:{line} {message} [{code}]")
    assert not new, "\n".join(new)


def _mypy(folder: Path) -> list[tuple[str, str, str, str]]:
    """What mypy has to say of the files of ``folder``: file, line, message, code."""
    options = ["--config-file=", "--no-error-summary", "--ignore-missing-imports", "--no-color-output"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [found.groups() for line in done.stdout.splitlines() if (found := ERROR.match(line))]  # type: ignore[misc]
