"""What a read of the response becomes: uses and features in, edits and vetoes out.

The representation of a legacy value: the interaction stands for the response, its candidate and that candidate's
content; a list of parts is the flattened list of contents and of those steps that legacy answered as parts; a part's
blob or function call is the item itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import libcst as cst

from migrator import ir
from migrator.diagnostics import Level
from migrator.plan import Feature
from migrator.python.guards import known_at
from migrator.python.layout import Carried, Concat, Doc, Group, Item, Text
from migrator.python.render import Renderer
from migrator.python.responses import RESPONSE, How, Shape, Track, Use, Veto, how_used
from migrator.python.transform import Edit, Replace
from migrator.python.values import Facts, Place, Reader

_STEPS_OF_FIELD = {
    "function_call": ("function_call",),
    "executable_code": ("code_execution_call",),
    "code_execution_result": ("code_execution_result",),
    "thought": ("thought",),
    "text": ("text",),
}
_MEDIA = ("inline_data", "file_data")
_CALM_COMPARISONS = (cst.Equal, cst.NotEqual, cst.In, cst.NotIn, cst.Is, cst.IsNot)


@dataclass(frozen=True, slots=True)
class Answer:
    """What reading one response rests on: what can occur in it, and the schema that ``parsed`` was made with."""

    features: frozenset[Feature]
    schema: cst.BaseExpression | None = None


class Reads:
    """Turns the uses of one unit's responses into edits."""

    def __init__(self, facts: Facts, renderer: Renderer, track: Track, answer: Answer) -> None:
        self.facts = facts
        self.renderer = renderer
        self.track = track
        self.answer = answer
        self.edits: dict[cst.CSTNode, Edit] = {}
        self.vetoes: list[Veto] = []
        self.q = renderer.quote

    def run(self) -> None:
        """Fill ``edits`` and ``vetoes``."""
        for use in self.track.uses:
            self._use(use)
        self._shorten_chains()

    def _put(self, node: cst.CSTNode, *parts: Doc | str) -> None:
        docs = tuple(Text(part) if isinstance(part, str) else part for part in parts)
        self.edits[node] = Replace(docs[0] if len(docs) == 1 else Concat(docs))

    def _veto(self, use: Use, message: str, code: str = "MG201", level: Level = Level.MANUAL, advice: str = "") -> None:
        self.vetoes.append(Veto(code, use.node, message, level, advice))

    def _str(self, text: str) -> str:
        return f"{self.q}{text}{self.q}"

    # One use -----------------------------------------------------------------------------------------------------------

    def _use(self, use: Use) -> None:
        row = use.row
        if row is None:
            self._plain(use)
        elif row.refuse is not None:
            self._veto(use, f"{use.shape.type}.{use.field}: {row.refuse}", advice=row.advice)
        else:
            compared = bool(row.values) and use.how is How.COMPARED
            if row.level is not Level.SAFE and not self._is_only_tested(use) and not compared:
                self._veto(use, f"{use.shape.type}.{use.field}: {row.note}", "MG203", row.level)
            if row.via is not None:
                self._readers()[row.via](use)
            elif row.to is not None:
                self._renamed(use, row.to)

    def _is_only_tested(self, use: Use) -> bool:
        return use.how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE)

    def _readers(self) -> dict[str, Callable[[Use], None]]:
        return {
            "itself": self._itself,
            "candidates": self._candidates,
            "parts": self._parts,
            "text": self._text,
            "parsed": self._parsed,
            "function_calls": self._function_calls,
            "steps": self._steps,
            "decoded": self._decoded,
            "status": self._status,
            "part_text": self._part_text,
            "part_thought": self._part_thought,
            "part_inline_data": self._part_media,
            "part_file_data": self._part_media,
            "part_function_call": self._part_step,
            "part_executable_code": self._part_step,
            "part_code_execution_result": self._part_step,
            "code": self._code,
            "code_output": self._code_output,
            "search_queries": self._search_queries,
            "search_suggestions": self._search_suggestions,
            "citations": self._citations,
            "url_results": self._url_results,
        }

    def _plain(self, use: Use) -> None:
        match use:
            case Use(shape=Shape(type="Candidate"), field="[0]", base=cst.Attribute()) if self._is_direct_list(use.base):
                self._put(use.node, Carried(use.base))
            case Use(shape=Shape(type="Candidate"), field=field) if field.startswith("[") and field not in ("[0]", "[*]", "[:]"):
                self._veto(use, "one interaction returns one result: there is no second candidate")
            case Use(shape=Shape(type="Candidate"), field="[:]"):
                self._veto(use, "one interaction returns one result: there are no further candidates")
            case Use(shape=Shape(type="Content"), field="append()" | "extend()" | "insert()"):
                self._appended(use)
            case Use(shape=Shape(type="str"), field=""):
                pass  # what the text is compared with decides how the text is read: see _text

    def _is_direct_list(self, node: cst.CSTNode) -> bool:
        return any(use.node is node and use.row is not None and use.row.via == "candidates" for use in self.track.uses)

    def _appended(self, use: Use) -> None:
        argument = self.facts.module.parent(use.node)
        call = self.facts.module.parent(argument) if argument is not None else None
        match call, use.field:
            case cst.Call(func=cst.Attribute(value=history)), "append()":
                self._put(call, Carried(history), ".extend(", Carried(use.node), ".steps or [])")
            case _:
                self._veto(use, "the model's turn is put into the history in a way that is not understood", "MG204")

    # Renamed -----------------------------------------------------------------------------------------------------------

    def _renamed(self, use: Use, to: str) -> None:
        match use.node:
            case cst.Call(args=[_, name, *_]):
                if "." in to:
                    self._veto(use, f"{use.field} is {to} now, which one getattr cannot read", "MG204")
                else:
                    self._put(name.value, self._str(to))
            case _:
                self._put(use.node, Carried(use.base), f".{to}")
        if use.row is not None and use.row.values:
            self._spelt(use)

    def _spelt(self, use: Use) -> None:
        """An enum member that the value is compared with is spelt as the new values are."""
        assert use.row is not None
        how, holder = how_used(self.facts, use.node)
        if how is How.READ:
            return  # .name or .value: that read is a use of its own
        if how is not How.COMPARED or not isinstance(holder, cst.Comparison):
            if not self._is_only_tested(use):
                message = f"{use.shape.type}.{use.field} has other spellings: {', '.join(use.row.values.values())}"
                self._veto(use, message, "MG203", Level.REVIEW)
            return
        for literal in self._compared_with(holder, use.node):
            value = self._literal(literal)
            spelt = use.row.values.get(str(value).rpartition(".")[2])
            if spelt is None:
                self._veto(use, f"{use.shape.type}.{use.field} is never {value!r} in an Interaction", advice=use.row.note)
            else:
                self._put(literal, self._str(spelt))

    def _compared_with(self, comparison: cst.Comparison, node: cst.CSTNode) -> list[cst.BaseExpression]:
        sides = [comparison.left, *(target.comparator for target in comparison.comparisons)]
        found: list[cst.BaseExpression] = []
        for side in sides:
            if side is node:
                continue
            if isinstance(side, (cst.Tuple, cst.List, cst.Set)):
                found += [element.value for element in side.elements]
            else:
                found.append(side)
        return found

    def _literal(self, node: cst.BaseExpression) -> ir.Scalar:
        value = Reader(self.facts, lambda *_: None).read(node, Place("", ""))
        return value.value if isinstance(value, ir.Literal) else self.facts.module.source(node)

    # The response and its parts --------------------------------------------------------------------------------------------

    def _itself(self, use: Use) -> None:
        if use.how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE) and use.row is not None:
            tests = {"Content": self._parts_test(use.base), "GroundingMetadata": self._has_step(use.base, "google_search_call")}
            tests["SearchEntryPoint"] = self._has_step(use.base, "google_search_result")
            tests["UrlContextMetadata"] = self._has_step(use.base, "url_context_result")
            if use.row.of in tests:
                self._tested(use, tests[use.row.of])
                return
        if use.row is not None and use.row.values:
            self._spelt(use)
        self._put(use.node, Carried(use.base))

    def _tested(self, use: Use, doc: Doc) -> None:
        """Put the test ``doc`` where the value, or its comparison with None, is tested."""
        how, holder = how_used(self.facts, use.node)
        match how:
            case How.IS_NONE:
                self._put(holder, "not ", doc)
            case How.IS_NOT_NONE:
                self._put(holder, doc)
            case _:
                self._put(use.node, doc)

    def _has_step(self, base: cst.CSTNode, kind: str) -> Doc:
        return Concat((Text(f"any(step.type == {self._str(kind)} for step in "), Carried(base), Text(".steps or [])")))

    def _parts_test(self, base: cst.CSTNode) -> Doc:
        kinds = ("model_output", *self._part_steps())
        test = f"step.type == {self._str(kinds[0])}" if len(kinds) == 1 else f"step.type in {self._tuple(kinds)}"
        return Concat((Text(f"any({test} for step in "), Carried(base), Text(".steps or [])")))

    def _tuple(self, kinds: Iterable[str]) -> str:
        return "(" + ", ".join(self._str(kind) for kind in kinds) + ")"

    def _part_steps(self) -> tuple[str, ...]:
        """The steps beside model_output that legacy answered as parts."""
        kinds: list[str] = []
        if Feature.FUNCTIONS in self.answer.features:
            kinds.append("function_call")
        if Feature.CODE_EXECUTION in self.answer.features:
            kinds += ["code_execution_call", "code_execution_result"]
        if Feature.THOUGHTS in self.answer.features:
            kinds.append("thought")
        return tuple(kinds)

    def _candidates(self, use: Use) -> None:
        match use.how:
            case How.TEST | How.IS_NONE | How.IS_NOT_NONE:
                self._tested(use, Concat((Carried(use.base), Text(".steps"))))
            case How.READ:
                self._put(use.node, Carried(use.base))
            case How.ITERATED:
                self._put(use.node, "[", Carried(use.base), "]")
            case How.COUNTED:
                self._put(use.node, Carried(use.base), ".steps or []")
            case _:
                self._put(use.node, "[", Carried(use.base), "] if ", Carried(use.base), ".steps else []")

    def _parts(self, use: Use) -> None:
        if use.how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE):
            self._tested(use, self._parts_test(use.base))
            return
        self._put(use.node, self._items(use.base))

    def _comprehension(self, *clauses: tuple[Doc | str, ...], brackets: str = "[]") -> Doc:
        items = []
        for clause in clauses:
            docs = tuple(Text(part) if isinstance(part, str) else part for part in clause)
            items.append(Item(docs[0] if len(docs) == 1 else Concat(docs)))
        return Group(brackets[:-1], tuple(items), brackets[-1], separator=" ", final_comma=False)

    def _items(self, base: cst.CSTNode) -> Doc:
        """The contents of the model's output, with the steps that legacy answered as parts in between."""
        extra = self._part_steps()
        output = self._str("model_output")
        if not extra:
            clauses: list[tuple[Doc | str, ...]] = [
                ("content",),
                ("for step in ", Carried(base), ".steps or []"),
                (f"if step.type == {output}",),
                ("for content in step.content or []",),
            ]
            if self._only_text():
                clauses.append((f"if content.type == {self._str('text')}",))
            return self._comprehension(*clauses)
        return self._comprehension(
            ("item",),
            ("for step in ", Carried(base), ".steps or []"),
            (f"if step.type in {self._tuple(('model_output', *extra))}",),
            (f"for item in (step.content or [] if step.type == {output} else [step])",),
        )

    def _only_text(self) -> bool:
        media = {Feature.IMAGE, Feature.AUDIO, Feature.CODE_EXECUTION}
        reads_media = any(use.row is not None and use.field in _MEDIA for use in self.track.uses)
        return not (self.answer.features & media) and not self._part_steps() and not reads_media

    def _steps(self, use: Use) -> None:
        self._put(use.node, Carried(use.base), ".steps or []")

    # Text --------------------------------------------------------------------------------------------------------------------

    def text_of(self, base: cst.CSTNode) -> Doc:
        """The text of the whole reply: ``output_text`` where nothing can stand between the texts, else their join."""
        joins = {Feature.BUILTIN_TOOLS, Feature.CODE_EXECUTION, Feature.IMAGE, Feature.AUDIO, Feature.THOUGHTS, Feature.FUNCTIONS}
        media = any(use.row is not None and use.field in _MEDIA for use in self.track.uses)
        if not self.answer.features & joins and not media:
            return Concat((Carried(base), Text(".output_text")))
        return self._comprehension(
            ("content.text",),
            ("for step in ", Carried(base), ".steps or []"),
            (f"if step.type == {self._str('model_output')}",),
            ("for content in step.content or []",),
            (f"if content.type == {self._str('text')}",),
            brackets=f"{self.q}{self.q}.join()",
        )

    def _text(self, use: Use) -> None:
        doc = self.text_of(use.base)
        how, _ = how_used(self.facts, use.node)
        if how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE):
            self._tested(use, doc)
        elif self._none_matters(use):
            self._put(use.node, doc, " or None")
        else:
            self._put(use.node, doc)

    def _none_matters(self, use: Use) -> bool:
        """Whether the text, kept or returned, is told apart from None later on."""
        parent = self.facts.module.parent(use.node)
        if not isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.Return)):
            return False
        return any(other.shape.type == "str" and other.field == "" for other in self.track.uses)

    def _parsed(self, use: Use) -> None:
        schema = self.answer.schema
        if schema is None:
            self._veto(use, "the schema that the text is parsed with is not visible here", "MG204")
            return
        if not self._is_visible(schema, use.node):
            self._veto(use, "the schema that the text is parsed with is not in scope here", "MG204")
            return
        if use.how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE):
            self._tested(use, self.text_of(use.base))
            return
        text = self.text_of(use.base)
        if isinstance(schema, cst.Dict) or self.facts.kinds.of(schema) == "dict" or self.facts.names.path(schema).endswith("Schema()"):
            self.renderer.needs.modules.add("json")
            self._put(use.node, "json.loads(", text, ")")
        elif self.renderer.is_model(schema):
            self._put(use.node, Carried(schema), ".model_validate_json(", text, ")")
        else:
            self.renderer.needs.names.add(("pydantic", "TypeAdapter"))
            self._put(use.node, "TypeAdapter(", Carried(schema), ").validate_json(", text, ")")

    def _is_visible(self, schema: cst.BaseExpression, node: cst.CSTNode) -> bool:
        home = self.facts.scopes.at(node)
        for name in [each for each in _names_in(schema)]:
            for definition in self.facts.scopes.definitions(name):
                if definition.scope is not home and definition.scope.outer is not None:
                    return False
        return True

    # Functions, code, thoughts ------------------------------------------------------------------------------------------------

    def _function_calls(self, use: Use) -> None:
        doc = self._steps_of(use.base, "function_call")
        if use.how in (How.IS_NONE, How.IS_NOT_NONE, How.TEST):
            self._tested(use, self._has_step(use.base, "function_call"))
        else:
            self._put(use.node, doc)

    def _steps_of(self, base: cst.CSTNode, kind: str, element: str = "step") -> Doc:
        return self._comprehension(
            (element,), ("for step in ", Carried(base), ".steps or []"), (f"if step.type == {self._str(kind)}",)
        )

    def _code(self, use: Use) -> None:
        self._first(use, "code_execution_call", "step.arguments.code")

    def _code_output(self, use: Use) -> None:
        self._first(use, "code_execution_result", "step.result")

    def _first(self, use: Use, kind: str, element: str) -> None:
        """The first step of a kind, None where there is none."""
        if self._is_only_tested(use):
            self._tested(use, self._has_step(use.base, kind))
            return
        inner = self._comprehension(
            (element,),
            ("for step in ", Carried(use.base), ".steps or []"),
            (f"if step.type == {self._str(kind)}",),
            brackets="()",
        )
        self._put(use.node, "next(", inner, ", None)")

    # Items ----------------------------------------------------------------------------------------------------------------------

    def _item_source(self, use: Use) -> str:
        return self.facts.module.source(use.base)

    def _kind_test(self, use: Use) -> Doc:
        kinds = self._kinds(use)
        test = f".type == {self._str(kinds[0])}" if len(kinds) == 1 else f".type in {self._tuple(kinds)}"
        return Concat((Carried(use.base), Text(test)))

    def _kinds(self, use: Use) -> tuple[str, ...]:
        """The types of the items that have the field which ``use`` reads."""
        if use.field in _MEDIA:
            features = self.answer.features
            audio, image = Feature.AUDIO in features, Feature.IMAGE in features
            return ("audio",) if audio and not image else ("image", "audio") if audio else ("image",)
        if use.field == "text" and Feature.THOUGHTS in self.answer.features:
            known = known_at(self.facts.module, use.node, self._item_source(use))
            if "thought" not in known.absent:
                return ("text", "thought")
        return _STEPS_OF_FIELD[use.field]

    def _is_tested_as_none(self, use: Use) -> bool:
        """Put the kind test for a test of the field; ``hasattr`` counts as one."""
        if use.how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE) or self._is_hasattr(use):
            how, holder = how_used(self.facts, use.node)
            test = self._kind_test(use)
            match how:
                case How.IS_NONE:
                    kinds = self._kinds(use)
                    tail = f".type != {self._str(kinds[0])}" if len(kinds) == 1 else f".type not in {self._tuple(kinds)}"
                    self._put(holder, Carried(use.base), tail)
                case How.IS_NOT_NONE:
                    self._put(holder, test)
                case _:
                    self._put(use.node, test)
            return True
        return False

    def _is_hasattr(self, use: Use) -> bool:
        match use.node:
            case cst.Call(func=cst.Name(value="hasattr")):
                return True
        return False

    def _part_text(self, use: Use) -> None:
        if self._only_text() and not self._is_hasattr(use) and isinstance(use.node, cst.Attribute):
            return  # every item is a text: the read stays as it is
        if self._is_tested_as_none(use):
            return
        known = known_at(self.facts.module, use.node, self._item_source(use))
        thoughts = Feature.THOUGHTS in self.answer.features
        if "thought" in known.present and thoughts:
            join = f"{self.q}{self.q}.join(content.text for content in "
            self._put(use.node, join, Carried(use.base), f".summary or [] if content.type == {self._str('text')})")
        elif thoughts and "thought" not in known.absent:
            self._veto(use, "the text of thoughts and of the answer is read alike: test part.thought first", "MG204")
        elif "text" in known.present and isinstance(use.node, cst.Attribute):
            self._put(use.node, Carried(use.base), ".text")
        else:
            self._put(use.node, "getattr(", Carried(use.base), f", {self._str('text')}, None)")

    def _part_thought(self, use: Use) -> None:
        if Feature.THOUGHTS not in self.answer.features:
            self._put(use.node, Carried(use.base), f".type == {self._str('thought')}")
            return
        if not self._is_tested_as_none(use):
            self._put(use.node, self._kind_test(use))

    def _part_media(self, use: Use) -> None:
        self._object(use)

    def _part_step(self, use: Use) -> None:
        self._object(use)

    def _object(self, use: Use) -> None:
        """A field whose value is the item itself: read through, tested by type, or kept."""
        if self._is_tested_as_none(use):
            return
        known = known_at(self.facts.module, use.node, self._item_source(use))
        if use.how is How.READ or use.field in known.present:
            self._put(use.node, Carried(use.base))
        else:
            self._put(use.node, Carried(use.base), " if ", self._kind_test(use), " else None")

    def _decoded(self, use: Use) -> None:
        if self._is_only_tested(use):
            self._put(use.node, Carried(use.base), ".data")
            return
        self.renderer.needs.modules.add("base64")
        self._put(use.node, "base64.b64decode(", Carried(use.base), ".data)")

    # Status ---------------------------------------------------------------------------------------------------------------------

    def _status(self, use: Use) -> None:
        assert use.row is not None
        how, holder = how_used(self.facts, use.node)
        if how is How.READ:  # .name and .value are uses of their own
            self._put(use.node, Carried(use.base), ".status")
            return
        self._put(use.node, Carried(use.base), ".status")
        if how is How.COMPARED:
            self._spelt(use)

    # Search and URLs ------------------------------------------------------------------------------------------------------------

    def _search_queries(self, use: Use) -> None:
        if self._is_only_tested(use):
            self._tested(use, self._has_step(use.base, "google_search_call"))
            return
        doc = self._comprehension(
            ("query",),
            ("for step in ", Carried(use.base), ".steps or []"),
            (f"if step.type == {self._str('google_search_call')}",),
            ("for query in step.arguments.queries or []",),
        )
        self._put(use.node, doc)

    def _search_suggestions(self, use: Use) -> None:
        if self._is_only_tested(use):
            self._tested(use, self._has_step(use.base, "google_search_result"))
            return
        inner = self._comprehension(
            ("result.search_suggestions",),
            ("for step in ", Carried(use.base), ".steps or []"),
            (f"if step.type == {self._str('google_search_result')}",),
            ("for result in step.result or []",),
            brackets="()",
        )
        self._put(use.node, "next(", inner, ", None)")

    def _citations(self, use: Use) -> None:
        doc = self._comprehension(
            ("annotation",),
            ("for step in ", Carried(use.base), ".steps or []"),
            (f"if step.type == {self._str('model_output')}",),
            ("for content in step.content or []",),
            (f"if content.type == {self._str('text')}",),
            ("for annotation in content.annotations or []",),
            (f"if annotation.type == {self._str('url_citation')}",),
        )
        self._put(use.node, doc)

    def _url_results(self, use: Use) -> None:
        doc = self._comprehension(
            ("result",),
            ("for step in ", Carried(use.base), ".steps or []"),
            (f"if step.type == {self._str('url_context_result')}",),
            ("for result in step.result or []",),
        )
        self._put(use.node, doc)

    # Chains of tests -----------------------------------------------------------------------------------------------------------

    def _shorten_chains(self) -> None:
        """``steps and steps and any(… steps)``: a guard that another one implies is said once."""
        from migrator.python.chains import shortened

        self.edits.update(shortened(self.facts, self.edits))


def _names_in(node: cst.CSTNode) -> list[cst.Name]:
    from migrator.python.module import descendants

    return [each for each in descendants(node) if isinstance(each, cst.Name)]


__all__ = ["RESPONSE", "Answer", "Reads"]
