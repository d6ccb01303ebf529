"""The one header of a response that an interaction has as a field: the tier that served the request.

Source: the guide of the inference tiers, which reads ``x-gemini-service-tier`` of a response and ``service_tier`` of an
interaction.
"""

from __future__ import annotations

import libcst as cst

from migrator.diagnostics import Level
from migrator.fieldmap import Row
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import RESPONSE

SERVICE_TIER = Row(
    RESPONSE,
    "sdk_http_response",
    to="service_tier",
    level=Level.REVIEW,
    note="the header x-gemini-service-tier is taken to say what the interaction's service_tier says",
)
_HEADER = "x-gemini-service-tier"


def service_tier(facts: Facts, response: cst.Attribute) -> cst.BaseExpression | None:
    """``response.sdk_http_response.headers.get("x-gemini-service-tier")``, read from its ``sdk_http_response`` on."""
    headers = facts.module.parent(response)
    if not isinstance(headers, cst.Attribute) or headers.attr.value != "headers":
        return None
    taken = facts.module.parent(headers)
    match taken:
        case cst.Attribute(attr=cst.Name(value="get")):
            call = facts.module.parent(taken)
            match call:
                case cst.Call(func=func, args=[cst.Arg(value=cst.SimpleString() as name, star="")]) if func is taken:
                    return call if _is_header(name) else None
    return None


def _is_header(name: cst.SimpleString) -> bool:
    return str(name.evaluated_value).lower() == _HEADER
