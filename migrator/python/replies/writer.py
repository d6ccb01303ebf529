"""What the readers of a reply write with: edits and vetoes of one unit, and the expressions they have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

import libcst as cst

from migrator.diagnostics import Level
from migrator.plan import Feature
from migrator.python.evidence.module import descendants
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import TESTS, How, Track, Use, Veto, how_used
from migrator.python.writing.edits import Edit, Replace
from migrator.python.writing.layout import Carried, Concat, Doc, Group, Item, Text
from migrator.python.writing.render import Renderer
from migrator.records import dataclass

MEDIA = frozenset({"inline_data", "file_data", "as_image"})
_BREAKING = frozenset({Feature.BUILTIN_TOOLS, Feature.CODE_EXECUTION, Feature.IMAGE, Feature.AUDIO, Feature.FUNCTIONS})
_ALONE = (cst.For, cst.Assign, cst.AnnAssign, cst.Return)


@dataclass(frozen=True, slots=True)
class Answer:
    """What reading one response rests on: what can occur in it, and the schema that ``parsed`` was made with."""

    features: frozenset[Feature]
    schema: cst.BaseExpression | None = None


@dataclass(slots=True)
class Writer:
    """Collects what becomes of the uses of one unit's responses."""

    facts: Facts
    renderer: Renderer
    track: Track
    answer: Answer
    edits: dict[cst.CSTNode, Edit] = field(default_factory=dict)
    vetoes: list[Veto] = field(default_factory=list)
    once: set[str] = field(default_factory=set)  # differences that were named at the first of their places

    # Saying ----------------------------------------------------------------------------------------------------------

    def put(self, node: cst.CSTNode, *parts: Doc | str) -> None:
        """``parts`` in the place of ``node``."""
        doc = joined(parts)
        inside = self.in_text(node)
        if inside is not None:
            doc = _on_one_line(doc, inside)
        self.edits[node] = Replace(doc)

    def refuse(self, use: Use, message: str, code: str = "MG201", advice: str = "") -> None:
        """Say why ``use`` has no counterpart."""
        self.vetoes.append(Veto(code, use.node, message, Level.MANUAL, advice))

    def ask(self, use: Use, message: str, advice: str = "") -> None:
        """Name the difference between ``use`` and its counterpart."""
        self.vetoes.append(Veto("MG203", use.node, message, Level.REVIEW, advice))

    def ask_once(self, use: Use, message: str) -> None:
        """Name a difference that is the same at every place, at the first of them."""
        if message not in self.once:
            self.once.add(message)
            self.ask(use, message)

    def test(self, use: Use, doc: Doc | str, negated: Doc | str | None = None) -> None:
        """The test ``doc`` where the value, or its comparison with None, is tested."""
        how, holder = how_used(self.facts, use.node)
        match how:
            case How.IS_NONE:
                self.put(holder, *(("not ", doc) if negated is None else (negated,)))
            case How.IS_NOT_NONE:
                self.put(holder, doc)
            case How.TEST if isinstance(holder, cst.UnaryOperation) and negated is not None:
                self.put(holder, negated)
            case _:
                self.put(use.node, doc)

    # Words -----------------------------------------------------------------------------------------------------------

    def text(self, value: str) -> str:
        """``value`` as a literal in the file's quotes."""
        return f"{self.renderer.quote}{value}{self.renderer.quote}"

    def text_like(self, literal: cst.BaseExpression, value: str) -> str:
        """``value`` in the quotes of the literal that it replaces."""
        return f"{literal.quote}{value}{literal.quote}" if isinstance(literal, cst.SimpleString) else self.text(value)

    def one_of(self, kinds: Iterable[str]) -> str:
        """``== "a"``, or ``in ("a", "b")``."""
        spelt = [self.text(kind) for kind in kinds]
        return f"== {spelt[0]}" if len(spelt) == 1 else f"in ({', '.join(spelt)})"

    def none_of(self, kinds: Iterable[str]) -> str:
        """``!= "a"``, or ``not in ("a", "b")``."""
        test = self.one_of(kinds)
        return test.replace("==", "!=", 1) if test.startswith("==") else f"not {test}"

    def comprehension(self, *clauses: Doc | str | tuple[Doc | str, ...], brackets: str = "[]") -> Group:
        """A comprehension with one clause a line where it does not fit on one."""
        items = [joined(clause if isinstance(clause, tuple) else (clause,)) for clause in clauses]
        return Group(brackets[:-1], tuple(map(Item, items)), brackets[-1], separator=" ")

    def helper(self, name: str, *arguments: Doc | str) -> Doc:
        """A call of one of the functions that the rewritten file brings along."""
        self.renderer.needs.helpers.add(name)
        parts: list[Doc | str] = [f"_{name}("]
        for position, argument in enumerate(arguments):
            parts += [", ", argument] if position else [argument]
        return joined((*parts, ")"))

    # What there is ---------------------------------------------------------------------------------------------------

    def has(self, feature: Feature) -> bool:
        """Whether the request asks for something that gives ``feature`` in the reply."""
        return feature in self.answer.features

    def uses(self, via: str) -> list[Use]:
        """The uses that the reader ``via`` reads."""
        return [use for use in self.track.uses if use.row is not None and use.row.via == via]

    @property
    def reads_media(self) -> bool:
        """Whether pictures or audio are looked for."""
        return any(use.row is not None and use.shape.type == "Part" and use.field in MEDIA for use in self.track.uses)

    @property
    def is_broken(self) -> bool:
        """Whether something may stand between the texts of a reply."""
        broken = bool(self.answer.features & _BREAKING) or self.reads_media
        return broken and not self.has(Feature.STREAMED)

    def stands_alone(self, via: str) -> bool:
        """Whether the one long expression of its kind may stand where it is: looped over, assigned or returned."""
        uses = self.uses(via)
        if len(uses) != 1 or self.in_text(uses[0].node) is not None or self.is_named_here(uses[0]):
            return False
        return isinstance(self.facts.module.parent(self.or_empty(uses[0].node)), _ALONE)

    def is_named_here(self, use: Use) -> bool:
        """Whether what is read gets its name there: no comprehension may loop over ``(response := …).steps``."""
        return any(isinstance(each, cst.NamedExpr) for each in descendants(use.base))

    def in_text(self, node: cst.CSTNode) -> cst.FormattedString | None:
        """The f-string that ``node`` stands in."""
        for holder in self.facts.module.ancestors(node):
            match holder:
                case cst.FormattedString():
                    return holder
                case cst.BaseSmallStatement() | cst.BaseCompoundStatement():
                    return None
        return None

    def or_empty(self, node: cst.CSTNode) -> cst.CSTNode:
        """``node or []`` where ``node`` stands in one, else ``node``."""
        match self.facts.module.parent(node):
            case cst.BooleanOperation(operator=cst.Or(), right=cst.List(elements=[])) as either:
                return either
        return node

    def is_repeatable(self, use: Use) -> bool:
        """Whether what ``use`` reads from may be written twice; else it is refused."""
        calls = [node for node in descendants(use.base) if isinstance(node, (cst.Call, cst.Await))]
        if all(isinstance(call, cst.Call) and call in {each.node for each in self.track.uses} for call in calls):
            return True
        self.refuse(use, "what is read from would be evaluated twice: give it a name first", "MG204")
        return False


def _on_one_line(doc: Doc, inside: cst.FormattedString) -> Doc:
    """``doc`` as it may stand in an f-string before Python 3.12: without its quotes and without line breaks."""
    match doc:
        case Text(text=text) if len(inside.quote) == 1:
            return Text(text.replace(inside.quote, "'" if inside.quote == '"' else '"'))
        case Concat(parts=parts):
            return Concat(tuple(_on_one_line(part, inside) for part in parts))
        case Group(opening=opening, items=items, closing=closing):
            docs = [item.doc for item in items]
            spaced = [part for each in docs for part in (Text(" "), each)][1:]
            return _on_one_line(Concat((Text(opening), *spaced, Text(closing))), inside)
    return doc


def is_tested(use: Use) -> bool:
    """Whether only the truth of the value matters, or whether it is there."""
    return use.how in TESTS


def carried(use: Use, *after: Doc | str) -> Doc:
    """The object that ``use`` reads from, as it is written."""
    return joined((Carried(use.base), *after))


def joined(parts: Iterable[Doc | str]) -> Doc:
    """One document of several."""
    docs = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return docs[0] if len(docs) == 1 else Concat(docs)
