"""Whether a value leaves the file as data: in JSON, a database, or the fields of an object that is dumped."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies.holding import places

_SERIALISERS = frozenset(
    """
    json.dump json.dumps orjson.dumps ujson.dump ujson.dumps yaml.dump yaml.safe_dump pickle.dump pickle.dumps
    flask.jsonify fastapi.responses.JSONResponse starlette.responses.JSONResponse django.http.JsonResponse
    """.split()
)
_STORES = frozenset({"execute", "executemany", "insert_one", "insert_many", "update_one", "update_many", "replace_one"})
_DUMPS = ("asdict", "_asdict", "astuple", "model_dump", "model_dump_json", "vars", "__dict__")
_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "route", "websocket", "api_route"})


def leaves_as_data(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node``, alone or inside a collection, is serialised: there null and "" are two things."""
    return any(_is_serialised(facts, each) for each, _ in places(facts, node))


def _is_serialised(facts: Facts, node: cst.CSTNode) -> bool:
    parent = facts.module.parent(node)
    match facts.module.parent(parent) if isinstance(parent, cst.Arg) else parent:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))) if name in _STORES:
            return True
        case cst.Call(func=func):
            if isinstance(facts.names.function(func), cst.ClassDef):
                return _dumps_objects(facts)
            return (facts.names.path(func) or dotted(func)) in _SERIALISERS
        case cst.Return() as statement:
            function = facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda)
            return isinstance(function, cst.FunctionDef) and any(map(_is_route, function.decorators))
    return False


def _dumps_objects(facts: Facts) -> bool:
    """Whether the file makes plain data of objects of its classes."""
    return any(map(facts.module.names, _DUMPS)) or any(map(facts.module.attributes, _DUMPS))


def _is_route(decorator: cst.Decorator) -> bool:
    """``@app.post("/answer")``: what the function returns becomes JSON."""
    match decorator.decorator:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)), args=[cst.Arg(value=cst.SimpleString()), *_]):
            return name in _ROUTES
    return False
