"""When new code needs parentheses: how tightly it binds, and how tightly its place asks it to."""

from __future__ import annotations

import ast

import libcst as cst

from migrator.python.evidence.module import Module

_LOOSEST, _CONDITION, _OR, _AND, _NOT, _COMPARISON, _UNARY, _AWAIT, _ATOM = 0, 1, 2, 3, 4, 5, 12, 14, 15

_OPERATORS: dict[str, int] = {
    "BitOr": 6,
    "BitXor": 7,
    "BitAnd": 8,
    "LeftShift": 9,
    "LShift": 9,
    "RightShift": 9,
    "RShift": 9,
    "Add": 10,
    "Subtract": 10,
    "Sub": 10,
    "Power": 13,
    "Pow": 13,
}
_PRODUCT = 11


def without_parentheses(code: str) -> str:
    """``code`` without the parentheses around the whole of it."""
    inside = code[1:-1]
    try:
        ast.parse(f"(\n{inside}\n)", mode="eval")
    except SyntaxError:
        return code
    return inside if code.startswith("(") and inside.strip() else code


def precedence_of(code: str) -> int:
    """How tightly the operator of an expression binds; an expression that this Python cannot read binds loosely."""
    try:
        node = ast.parse(f"(\n{code}\n)", mode="eval").body
    except SyntaxError:
        return _ATOM if code.isidentifier() else _LOOSEST
    if code.startswith("(") and without_parentheses(code) != code:
        return _ATOM
    match node:
        case ast.Lambda() | ast.NamedExpr() | ast.Yield() | ast.YieldFrom():
            return _LOOSEST
        case ast.IfExp():
            return _CONDITION
        case ast.BoolOp(op=op):
            return _AND if isinstance(op, ast.And) else _OR
        case ast.UnaryOp(op=op):
            return _NOT if isinstance(op, ast.Not) else _UNARY
        case ast.Compare():
            return _COMPARISON
        case ast.BinOp(op=op):
            return _OPERATORS.get(type(op).__name__, _PRODUCT)
        case ast.Await():
            return _AWAIT
    return _ATOM


def needed(module: Module, node: cst.CSTNode) -> int:
    """How tightly an expression has to bind to stand where ``node`` stands without parentheses."""
    match module.parent(node):
        case cst.Attribute() | cst.Subscript() | cst.Call() | cst.Await() | None:
            return _ATOM
        case cst.UnaryOperation(operator=cst.Not()):
            return _COMPARISON + 1  # not (a == b) reads better with them
        case cst.UnaryOperation():
            return _UNARY
        case cst.BinaryOperation(left=left, operator=operator):
            own = _OPERATORS.get(type(operator).__name__, _PRODUCT)
            return own if (left is node) is not isinstance(operator, cst.Power) else own + 1
        case cst.ComparisonTarget() | cst.Comparison():
            return _COMPARISON + 1
        case cst.BooleanOperation(operator=operator):
            return _AND if isinstance(operator, cst.And) else _OR
        case cst.IfExp(orelse=orelse):
            return _CONDITION if orelse is node else _OR
        case cst.Arg(star=star):
            return _COMPARISON + 1 if star else _CONDITION
        case cst.StarredElement() | cst.StarredDictElement():
            return _COMPARISON + 1
        case cst.CompFor() | cst.CompIf():
            return _OR
        case cst.BaseSmallStatement() | cst.BaseCompoundStatement() | cst.FormattedStringExpression():
            return _LOOSEST
        case cst.SimpleStatementLine() | cst.SimpleStatementSuite():  # a whole statement
            return _LOOSEST
    return _CONDITION
