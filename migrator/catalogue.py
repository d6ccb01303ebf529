"""What the tool can say: the table of codes.

Each code has a title, a default advice and a paragraph for ``migrator explain``; a message is made where the fact is
known. Codes are stable: a retired number is never used again.
"""

from __future__ import annotations

from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic.

    MG1xx requests, MG2xx responses, MG3xx names and values, MG4xx files, MG5xx field maps, MG6xx Interactions requests.
    """

    code: str
    title: str
    advice: str
    explanation: str


def _table(*codes: Code) -> dict[str, Code]:
    return {code.code: code for code in codes}


CODES = _table(
    # Requests -----------------------------------------------------------------------------------------------------
    Code(
        "MG101",
        "no counterpart in the Interactions API",
        "Keep this call on generate_content, or remove the field first.",
        "The field has no place in an Interactions request. Dropping it would change what is asked, so the call stays.",
    ),
    Code(
        "MG102",
        "mapped with a known difference",
        "Read the difference; accept it with --review.",
        "The field has a counterpart that is not exactly the same. The message names the difference.",
    ),
    Code(
        "MG103",
        "field dropped",
        "Nothing to do, unless you relied on it.",
        "The field has no effect in the Interactions API, or its value is the default there, so it is left out.",
    ),
    Code(
        "MG104",
        "unknown field",
        "Check the spelling against google.genai.types.",
        "The legacy type has no field of this name, so what it should become is not known.",
    ),
    Code(
        "MG105",
        "model not served",
        "Choose a served model, or pass --upgrade-models.",
        "The Interactions API serves gemini-2.5 and later. A newer model is never chosen silently: thinking, sampling "
        "and price differ.",
    ),
    Code(
        "MG106",
        "value not visible",
        "Write the value where the call can see it, or migrate this call by hand.",
        "The rewrite depends on a value that this file does not show.",
    ),
    Code(
        "MG107",
        "contents assumed to be text",
        "Accept with --review if it is a string; annotate it as str to make the rewrite safe.",
        "A legacy call takes a string, a part or a list in the same argument; the Interactions API needs to know "
        "which. Nothing in this file says, and a string is by far the most common.",
    ),
    Code(
        "MG108",
        "contents cannot be migrated",
        "Build the steps by hand: see docs/fields.md.",
        "A part of the contents has no counterpart as an Interactions content or step.",
    ),
    Code(
        "MG109",
        "enterprise client",
        "Use --vertex allow or --vertex refuse to decide for the whole run.",
        "Sources conflict on whether the Interactions API is served for Vertex AI and Enterprise clients: the "
        "migration page shows it for location global, earlier pages and open issues say that it is not available.",
    ),
    Code(
        "MG110",
        "automatic function calling",
        "Keep the call on generate_content, or declare the function and write the loop that calls it.",
        "An interaction never runs a Python function by itself: a callable among the tools is rejected by the SDK. The "
        "legacy call ran it and sent its result back, up to ten times. With --review, a function of the file does the "
        "same: the SDK's own declarations and conversion of arguments, errors sent back as results, no call after the "
        "last request. Where the loop cannot stand in for the SDK, the call stays.",
    ),
    Code(
        "MG111",
        "two fields for one place",
        "Remove one of the two first.",
        "Two legacy fields become the same field of an Interactions request, and nothing says which one should win.",
    ),
    Code(
        "MG112",
        "call without an id",
        "Take call_id from the function_call step that the result answers.",
        "A step function_result names the call that it answers by call_id, which a legacy function response may leave "
        "out. Where no single call in sight matches, no id can be given.",
    ),
    Code(
        "MG113",
        "type of a media item",
        "Name the MIME type in the source.",
        "An Interactions content says whether it is an image, audio, video or a document; that follows from the MIME "
        "type, which is not visible here or has no place among them.",
    ),
    Code(
        "MG114",
        "request without a model",
        "Add the model to the body: an interaction is not addressed by a URL with the model in it.",
        "A body of generateContent may leave the model to the URL. The Interactions API takes it from the body alone.",
    ),
    Code(
        "MG115",
        "role not taken",
        "Move a system message to system_instruction; other roles are user and model.",
        "A legacy content has the role user or model, or function and tool for results. Only these become steps.",
    ),
    Code(
        "MG116",
        "not a valid request body",
        "Mend the body first.",
        "Only bodies of generateContent are migrated, and only where the result would be a valid Interactions body: "
        "the message names the place and what does not fit there.",
    ),
    Code(
        "MG117",
        "the rewritten request would not be valid",
        "Change what is asked for, or keep this call on generate_content.",
        "The rewrite of this call was made, checked as migrator verify checks any request, and thrown away: fields or "
        "tools exclude each other in an interaction, or something of the call would have been lost.",
    ),
    # Responses ----------------------------------------------------------------------------------------------------
    Code(
        "MG201",
        "read without a counterpart",
        "Remove the read, or keep this call on generate_content.",
        "The response is read in a way that an Interaction cannot answer. A call and the reads of its response change "
        "together, so the call stays.",
    ),
    Code(
        "MG202",
        "response leaves what the file shows",
        "Read what is needed from the response in this file, or migrate the readers by hand.",
        "The response is returned, stored or handed to code that this file does not show. Its readers expect the "
        "legacy response, so the call stays.",
    ),
    Code(
        "MG203",
        "read with a known difference",
        "Read the difference; accept it with --review.",
        "The read has a counterpart that is not exactly the same. The message names the difference.",
    ),
    Code(
        "MG204",
        "use of the response not understood",
        "Use the response in a simpler way, or migrate this call by hand.",
        "The response, or something read from it, is used in a way whose meaning the tool does not know. Guessing "
        "would change half of the code, so the call stays.",
    ),
    Code(
        "MG205",
        "variable holds other things too",
        "Give the response a variable of its own.",
        "A variable that is read as a response may also hold a value that does not come from a rewritten call.",
    ),
    Code(
        "MG206",
        "shares code with a call that stays",
        "See what is said about the other call first.",
        "Two calls share a configuration, a history or the code that reads their responses. They change together or "
        "not at all, and one of them cannot be rewritten.",
    ),
    Code(
        "MG207",
        "error handler would not catch",
        "Catch both hierarchies by hand, then run again.",
        "Interactions raise errors of another hierarchy than google.genai.errors. Without a change the handler would "
        "no longer be reached, so the call stays until the handler can be rewritten.",
    ),
    Code(
        "MG208",
        "error read with a known difference",
        "Read the difference; accept it with --review.",
        "What is read of an error, most often its text, may not be the same for the errors of an interaction. The "
        "message names the difference.",
    ),
    # Names and values -----------------------------------------------------------------------------------------------
    Code(
        "MG301",
        "alias not visible",
        "Call the method on the client itself.",
        "The method or the object that has it is kept under a name whose making this file does not show.",
    ),
    Code(
        "MG302",
        "client assumed",
        "Annotate it as genai.Client to make the rewrite safe, or accept with --review.",
        "The call has the shape of the SDK's, in a file that imports the SDK, but where its client comes from is not "
        "visible.",
    ),
    Code(
        "MG303",
        "value also used elsewhere",
        "Give the other use a value of its own.",
        "A configuration or a list that the call uses is also used where it has to keep its legacy form.",
    ),
    Code(
        "MG306",
        "callers in other files assumed away",
        "Accept with --review if no other file calls the function.",
        "A configuration or contents come from the callers of a public function. All callers in this file are "
        "rewritten with it; callers in other files would still pass the legacy objects.",
    ),
    Code(
        "MG307",
        "method replaced",
        "Rewrite the double for client.interactions.create first.",
        "The file puts a double in place of generate_content, or looks at how a double was called. A rewritten call "
        "would pass it by, so the calls of the file stay. A wrapper that only retries is named for review: the SDK "
        "retries interactions itself.",
    ),
    Code(
        "MG304",
        "method handed on",
        "Call the method directly, or inside a lambda.",
        "The legacy method is handed to other code, which calls it in a way that this file does not show.",
    ),
    Code(
        "MG305",
        "operation not rewritten",
        "Migrate this call by hand for now.",
        "A chat or a stream is used in a way that has no rewrite: a stream that is awaited at another place than it "
        "is asked for, a chat whose turns leave the file, or a name that the file gives to something else is needed.",
    ),
    Code(
        "MG308",
        "name taken",
        "Rename it, or migrate this call by hand.",
        "The new code uses a name that stands for something else at this place: a module that it needs, or one "
        "of its helper functions.",
    ),
    Code(
        "MG309",
        "test double of the legacy method",
        "Let it stand in for interactions.create, once the call that it is for is migrated.",
        "A test replaces generate_content of a client that another file calls, by the name of the method or by a mock. "
        "When that call is migrated, the double is never asked, and what it returns has none of the new fields. Which "
        "call it is for this file does not show, so it is named and left, and fails no run.",
    ),
    Code(
        "MG310",
        "another server",
        "Make sure that the server answers POST /<version>/interactions, then accept with --review.",
        "The client is made with a base_url that is not Google's: a gateway, a proxy or a double that was made for "
        "generateContent. The rewritten call asks it at another path and in another form, which it may not know.",
    ),
    # Files --------------------------------------------------------------------------------------------------------
    Code(
        "MG400",
        "legacy call",
        "Run migrator apply to rewrite it.",
        "The call can be migrated and has not been yet. Only check says so: diff shows the rewrite, apply does it.",
    ),
    Code(
        "MG401",
        "file cannot be read",
        "Check the path and its permissions; the other files were processed.",
        "The path does not exist, is not a regular file, or may not be read.",
    ),
    Code(
        "MG402",
        "file cannot be parsed",
        "Mend the syntax first; the file was left alone.",
        "The file is not Python that can be read: a syntax error, an unknown encoding, or bytes that are not text in "
        "the encoding that the file declares. Nothing in it was changed.",
    ),
    Code(
        "MG403",
        "file cannot be written",
        "Make room, or the file and its folder writable, and run again; the file is as it was.",
        "A file is replaced whole: the new content is written beside it and moved over it. One of the two did not "
        "succeed, and the old content is untouched.",
    ),
    Code(
        "MG404",
        "file changed meanwhile",
        "Run again; the newer content was kept.",
        "Between reading and replacing, something else wrote to the file. What is there now was not overwritten.",
    ),
    Code(
        "MG405",
        "the migrator failed",
        "The file was left alone and the others were processed. Please report it to those who gave you the migrator, "
        "with this file, or the smallest part of it that fails too, the output of migrator --version, and the "
        "traceback that the same command shows with MIGRATOR_DEBUG=1.",
        "A defect of the migrator. It is contained to one file: nothing in that file was changed.",
    ),
    Code(
        "MG406",
        "result rejected",
        "The file was left alone. Please report it to those who gave you the migrator, with this file, or the smallest "
        "part of it that is rejected too, the options of the run and the output of migrator --version.",
        "The rewritten file did not pass the migrator's own checks (it parses, no planned call is left, no comment is "
        "lost, the request fits the target schema), so it was thrown away. A defect of the migrator.",
    ),
    Code(
        "MG407",
        "payload cannot be parsed",
        "Mend the syntax first; nothing was written.",
        "The file is neither JSON, nor one JSON body a line, nor YAML, at the place that the message names.",
    ),
    Code(
        "MG408",
        "file has uncommitted changes",
        "Commit or stash them first, or give --allow-dirty; the file was left alone.",
        "Git shows changes in the file that are not committed, does not know the file, or cannot be asked although "
        "there is a work tree. A rewrite would mix with the changes, and neither could be taken back alone.",
    ),
    Code(
        "MG410",
        "suppression of no use",
        "Remove it, or the code that nothing is said for.",
        "A comment `# migrator: ignore` keeps a call as it is and quiet. This one stands where there is no such call, "
        "or names a code that is not said there. Files that do not name the legacy API are not read for such comments.",
    ),
    Code(
        "MG411",
        "comment to the migrator not understood",
        "Write ignore, ignore[CODE], ignore[CODE, CODE] or skip-file.",
        "A comment that begins with `# migrator:` says something that has no meaning, or names an unknown code. "
        "It is named because whoever wrote it expects that something is kept.",
    ),
    Code(
        "MG412",
        "mark of a call that is no longer left",
        "Nothing: migrator apply removes the comment.",
        "A comment `# TODO(migrator)` stands where no call is left that it could be about: the call was rewritten, "
        "removed, or is suppressed.",
    ),
    Code(
        "MG420",
        "document cannot be read",
        "Mend the document first; the file was left alone.",
        "The file is not a notebook of format 4 (JSON with cells), or its bytes are not text. Older notebooks are "
        "brought up to date by: jupyter nbconvert --to notebook --inplace FILE.",
    ),
    Code(
        "MG421",
        "code in a document is not read",
        "Migrate this code by hand, or make it Python that parses.",
        "A cell or a code block names the legacy API, but is not Python that can be read: another program runs it, or "
        "it does not parse. It was left alone; the other cells and blocks were processed.",
    ),
    Code(
        "MG430",
        "google-genai is kept too old",
        "Ask for google-genai>=2.26, and lock again.",
        "A requirement or a lock beside the code, or in a folder above it, leaves no version of google-genai that runs "
        "rewritten code: client.interactions is there from 2.26 on in the form that is written. Named where the run "
        "has calls that are or can be rewritten, or Interactions requests. Manifests are never changed: what else a "
        "project promises with them is not known, and a lock is made by the program that resolved it.",
    ),
    Code(
        "MG431",
        "google-genai may be too old",
        "Raise the floor to google-genai>=2.26.",
        "A requirement allows versions of google-genai from before 2.26, which rewritten code does not run with. Who "
        "installs the newest that it allows has one that does, so this fails no run.",
    ),
    # Field maps ---------------------------------------------------------------------------------------------------
    Code(
        "MG501",
        "field map cannot be read",
        "Check the path and the YAML syntax.",
        "The file is missing, is not UTF-8 text, or is not YAML.",
    ),
    Code(
        "MG502",
        "unknown section or verb",
        "Use one of the sections and verbs that the message lists.",
        "The vocabulary of field maps is closed: a row says where a field goes and how it is spelt, never how to "
        "compute it.",
    ),
    Code(
        "MG503",
        "wrong kind of value in a field map",
        "Write what the message asks for.",
        "Every row is a mapping of verbs, and every verb takes one kind of value.",
    ),
    Code(
        "MG504",
        "duplicate key in a field map",
        "Keep one of the two entries.",
        "YAML keeps the last of two equal keys without a word, which would lose a row.",
    ),
    Code(
        "MG505",
        "a row decides nothing, or two things",
        "Give exactly one of to, via, drop and refuse; via may come with to.",
        "A field is mapped, dropped with a reason or refused with a reason; the other verbs only qualify that.",
    ),
    Code(
        "MG506",
        "unknown handler, reader or type",
        "Name one that exists.",
        "A row may name one of the tool's own functions and the legacy types that the maps describe, nothing else.",
    ),
    Code(
        "MG507",
        "no such place in the target",
        "Check the spelling against docs/fields.md.",
        "The target schema, generated from the SDK, has no field at this path.",
    ),
    # Interactions requests ----------------------------------------------------------------------------------------
    Code(
        "MG601",
        "unknown key in a request",
        "Check the spelling against docs/fields.md.",
        "An Interactions request has no such key at this place. The SDK checks the top of a request only: a key "
        "inside of generation_config, a tool or a content goes on the wire as it is, and is refused or ignored there.",
    ),
    Code(
        "MG602",
        "value of another type",
        "Give a value of the type that the message names.",
        "The key takes a value of another type. Objects of google.genai.types, Python functions and classes are not "
        "taken anywhere in an Interactions request: it is made of plain data.",
    ),
    Code(
        "MG603",
        "value not taken",
        "Use one of the values that the message names.",
        "The key takes one of several values, and this is none of them. Interactions spell enums in lower case; the "
        "SDK sends any spelling, and the members of the legacy enums in upper case.",
    ),
    Code(
        "MG604",
        "missing field",
        "Add the field.",
        "A request, content, step or tool lacks a field that it has to have.",
    ),
    Code(
        "MG605",
        "fields that exclude or need each other",
        "Read the message; leave one of the two out, or add what is missing.",
        "Each field is right by itself, and the service or the SDK refuses them together: a model with an agent, "
        "store=False with previous_interaction_id or background=True, tool_choice without a function among the tools.",
    ),
    Code(
        "MG606",
        "media data that is no base64",
        "Encode the bytes, or pass a binary file or a pathlib.Path.",
        "The SDK sends a string as it is: a path or plain text arrives as broken media, without an error here.",
    ),
    Code(
        "MG607",
        "taken by the SDK, refused by the service",
        "Write it as the message says.",
        "The types of google-genai 3.4 still have this field or form. The service answers it with an error.",
    ),
    Code(
        "MG608",
        "deprecated field",
        "Nothing to do yet; the message names what takes its place.",
        "The field is marked deprecated in the SDK. It does not make a request wrong.",
    ),
    Code(
        "MG609",
        "request of a model that is not served",
        "Choose a served model.",
        "The Interactions API serves gemini-2.5 and later, and the *-latest names on API version v1beta only.",
    ),
    Code(
        "MG610",
        "refused by the live service",
        "Mend the place that the message names.",
        "A live check sent a request of this shape, with placeholders for what it says, and the service refused it. "
        "Where its answer names a field, the line and column are those of that field's key in the source.",
    ),
    Code(
        "MG611",
        "live check inconclusive",
        "Read what was answered; run the check again where it may pass.",
        "The service did not say whether the request is right: the model is not available to this key, a limit was "
        "reached, the answer was late, broken or an error of the service. Nothing is said about the code.",
    ),
)
