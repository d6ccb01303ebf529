"""Fields that the legacy types never had: code that asks for one by ``hasattr`` goes on finding none."""

from __future__ import annotations

import libcst as cst

from migrator.python.errors.names import caught
from migrator.python.evidence.guards import conditions
from migrator.python.evidence.values import Facts

_NEW = frozenset(
    """
    agent agent_config annotations arguments background cached_content cached_tokens_by_modality call_id channels code
    content continuation_ids continuation_token created custom_metadata data document_uri end_index environment
    environment_id error errors file_name function_names generation_config grounding_tool_count id
    initial_input_tokens input input_tokens_by_modality is_error is_unknown labels language media_id mime_type modality
    model name object output_audio output_image output_text output_tokens_by_modality output_video page_number path
    place_id places previous_interaction_id processing queries raw resolution response_format response_mime_type
    response_modalities result retrieval_type review_snippets safety_settings sample_rate search_suggestions
    search_type server_name service_tier signature source start_index status steps store stream summary
    system_instruction text title tokens tool_use_tokens_by_modality tools total_cached_tokens total_input_tokens
    total_output_tokens total_thought_tokens total_tokens total_tool_use_tokens type updated uri url urls usage
    webhook_config widget_context_token
    """.split()
)
"""The fields of interactions, of their steps, contents and counts (google-genai 3.4.0)."""
_METHODS = frozenset(
    """
    _comprehensive_history _config _curated_history _model _modules as_image as_sdk_http_response construct copy dict
    from_orm get_history json parse_file parse_obj parse_raw record_history schema schema_json send_message
    send_message_stream to_json_dict update_forward_refs validate
    """.split()
)
"""What the legacy objects had besides their fields: methods of the types, of pydantic models and of chats."""
_BECOMES = (str, list, dict)  # what a value of a legacy type may become besides


def stays_absent(call: cst.Call, name: str) -> bool:
    """Whether ``hasattr(x, "name")`` is false as before, and ``getattr(x, "name", default)`` the default."""
    asks = isinstance(call.func, cst.Name) and call.func.value == "hasattr"
    return _is_nowhere(name) and (asks or len(call.args) == 3)


def never_read(facts: Facts, node: cst.CSTNode, base: cst.CSTNode, name: str) -> bool:
    """Whether ``node`` reads no response: an error in its place, or only what ``hasattr`` would have to find."""
    asked = facts.module.source(base)
    found = [test for test, holds in conditions(facts.module, node) if holds]
    if any(_is_error(facts, test, asked) for test in found):
        return True
    return _is_nowhere(name) and any(_finds(facts, test, asked, name) for test in found)


def _is_error(facts: Facts, test: cst.CSTNode, asked: str) -> bool:
    """``isinstance(result, errors.APIError)``, of what ``gather(…, return_exceptions=True)`` gives."""
    match test:
        case cst.BooleanOperation(left=left, operator=cst.And(), right=right):
            return _is_error(facts, left, asked) or _is_error(facts, right, asked)
        case cst.Call(func=cst.Name(value="isinstance"), args=[base, kinds]):
            types = caught(facts, kinds.value)
            return facts.module.source(base.value) == asked and bool(types.legacy or types.everything)
    return False


def _is_nowhere(name: str) -> bool:
    known = name in _NEW or name in _METHODS or name.startswith("model_")
    return not known and not any(hasattr(kind, name) for kind in _BECOMES)


def _finds(facts: Facts, test: cst.CSTNode, asked: str, name: str) -> bool:
    match test:
        case cst.BooleanOperation(left=left, operator=cst.And(), right=right):
            return _finds(facts, left, asked, name) or _finds(facts, right, asked, name)
        case cst.Call(func=cst.Name(value="hasattr"), args=[base, cst.Arg(value=cst.SimpleString() as literal)]):
            return facts.module.source(base.value) == asked and literal.evaluated_value == name
    return False
