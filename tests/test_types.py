"""Every ``after.py`` type-checks against the installed SDK, in one run of mypy."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from cases import cases

if TYPE_CHECKING:
    from pathlib import Path


def test_results_type_check(tmp_path: Path) -> None:
    for case in cases():
        if case.after is not None:
            (tmp_path / f"{case.name.replace('/', '__')}.py").write_bytes(case.after)
    command = [sys.executable, "-m", "mypy", "--config-file=", "--no-error-summary", "--ignore-missing-imports"]
    done = subprocess.run(  # noqa: S603  (our own interpreter and our own fixtures)
        [*command, str(tmp_path)], capture_output=True, text=True, check=False
    )
    problems = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert problems == []
    assert done.returncode == 0, done.stderr
