"""The functions that rewritten code brings along to read an error, on the SDK's own errors of both hierarchies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from google.genai import errors
from google.genai._gaos.lib import compat_errors

from migrator.python.helpers.errors import ERROR_HELPERS


def _helper(name: str) -> Callable[[Exception], Any]:
    found: dict[str, Any] = {}
    exec(ERROR_HELPERS[name], found)
    helper: Callable[[Exception], Any] = found[f"_{name}"]
    return helper


def _new(status: int, body: object) -> Exception:
    response = httpx.Response(status, request=httpx.Request("POST", "http://localhost"))
    return compat_errors.APIError.generate(status, body, None, response)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"error": {"code": "failed_precondition", "message": "no billing"}}, "FAILED_PRECONDITION"),
        ({"error": {"code": "invalid_request", "message": "no such field"}}, "INVALID_REQUEST"),
        ({"error": {"code": 400, "status": "FAILED_PRECONDITION"}}, "FAILED_PRECONDITION"),
        ({"error": {"code": 400}}, None),
        ({"code": "failed_precondition"}, "FAILED_PRECONDITION"),
        ("<html>Bad Gateway</html>", None),
        (None, None),
    ],
)
def test_the_code_of_an_interactions_error_is_spelt_like_a_status(body: object, name: str | None) -> None:
    assert _helper("status_name")(_new(400, body)) == name


def test_a_legacy_error_keeps_its_status() -> None:
    error = errors.ClientError(400, {"error": {"code": 400, "status": "FAILED_PRECONDITION"}})
    assert _helper("status_name")(error) == "FAILED_PRECONDITION"


def test_what_is_no_error_of_either_api_has_no_status() -> None:
    with pytest.raises(AttributeError, match="status"):
        _helper("status_name")(ValueError("something else"))
