"""The command line: what is written where, and the exit code."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
import stub_migrate

from migrator import __main__
from migrator.catalogue import CODES
from migrator.cli import COMMANDS, run_command_line

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "output.schema.json").read_text(encoding="utf-8"))
CALL = "client.models.generate_content(1)"
DONE = "client.interactions.create(1)"


@pytest.fixture
def cli(tmp_path, monkeypatch, capfdbinary):
    """Gives exit code, standard output and standard error of a command line run in an empty folder."""
    monkeypatch.setitem(sys.modules, "migrator.migrate", stub_migrate)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIGRATOR_DEBUG", raising=False)

    def run(*arguments):
        code = run_command_line(arguments)
        out, err = capfdbinary.readouterr()
        return SimpleNamespace(code=code, out=out.decode(errors="replace"), err=err.decode(), bytes=out)

    return run


def plant(**files):
    for name, text in files.items():
        Path(f"{name}.py").write_text(text)


# The exit code: 0 nothing left, 1 something to do or refused, 2 an error ----------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "apply", "check"),
    [
        ("x = 1\n", (), 0, 0),
        (CALL, (), 0, 1),
        (CALL + "  # review", (), 1, 1),
        (CALL + "  # review", ("--review",), 0, 1),
        (CALL + "  # refuse", (), 1, 1),
        (CALL + "\n" + CALL + "  # refuse", (), 1, 1),
        (CALL + "  # refuse", ("--exit-zero",), 0, 0),
        (CALL + "  # crash", (), 2, 2),
        (CALL + "  # crash", ("--exit-zero",), 2, 2),
    ],
)
def test_exit_codes(cli, text, options, apply, check):
    plant(a=text)
    assert cli("check", "a.py", *options).code == check
    assert cli("diff", "a.py", *options).code == check
    assert cli("apply", "a.py", *options).code == apply


def test_nothing_is_left_after_apply(cli):
    plant(a=CALL, b=CALL)
    assert cli("apply").code == 0
    again = cli("check")
    assert again.code == 0
    assert "Nothing to do: no file names generate_content." in again.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--state", "forgetful"),
        ("check", "-q", "-v"),
        ("check", "--jobs", "0"),
        ("check", "--field-map", "nowhere.yaml"),
        ("check", "--nonsense"),
        ("explain", "MG999"),
        ("explain", "no_such_field_at_all"),
        ("payload", "--write"),
        ("payload", "nowhere.json"),
        ("nonsense",),
        (),
    ],
)
def test_what_cannot_be_done_is_an_error_without_a_traceback(cli, arguments):
    result = cli(*arguments)
    assert result.code == 2
    assert result.err
    assert "Traceback" not in result.err


def test_a_map_that_is_wrong_stops_the_run_before_a_file_is_touched(cli):
    plant(a=CALL)
    Path("map.yaml").write_text("nonsense: 1\n")
    result = cli("apply", "a.py", "--field-map", "map.yaml")
    assert result.code == 2
    assert "map.yaml:1" in result.err
    assert Path("a.py").read_text() == CALL


def test_a_defect_outside_of_a_file_is_told_in_one_line(cli, monkeypatch):
    monkeypatch.setattr("migrator.find.find", lambda *_: 1 / 0)
    result = cli("check")
    assert (result.code, result.err) == (
        2,
        "Error: the migrator failed: ZeroDivisionError: division by zero. Please report it to those who gave you the "
        "migrator, with the output of migrator --version and the traceback that MIGRATOR_DEBUG=1 shows.\n",
    )


def test_an_interrupt_is_told(cli, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("migrator.find.find", interrupt)
    result = cli("check")
    assert result.code == 130
    assert "Interrupted" in result.err


# What is written where ----------------------------------------------------------------------------------------------


def test_check(cli):
    plant(a=f"{CALL}\n{CALL}  # refuse\n")
    result = cli("check", "a.py")
    assert result.err == ""
    assert result.out == (
        "a.py:1:1 MG400 [safe] generate_content can be migrated\n"
        "  |\n"
        "1 | client.models.generate_content(1)\n"
        "  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = help: Run migrator apply to rewrite it.\n"
        "\n"
        "a.py:2:1 MG101 [manual] candidate_count=2 has no counterpart\n"
        "  |\n"
        "2 | client.models.generate_content(1)  # refuse\n"
        "  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = help: Ask twice.\n"
        "\n"
        "Scanned 1 file, 1 with calls. 2 call sites: 1 can be migrated, 0 need review, 1 refused. 0 errors.\n"
    )


def test_apply(cli):
    plant(a=f"{CALL}\n{CALL}  # refuse\n", b="x = 1\n")
    result = cli("apply")
    assert Path("a.py").read_text() == f"{DONE}\n{CALL}  # refuse\n"
    assert result.err == ""
    assert result.out.startswith("a.py:2:1 MG101 [manual]")
    assert result.out.endswith(
        "Scanned 2 files, 1 with calls. 2 call sites: 1 migrated, 0 need review, 1 refused. 0 errors.\n"
    )


def test_diff(cli):
    plant(a=f"{CALL}\n{CALL}  # refuse\n")
    result = cli("diff")
    assert Path("a.py").read_text() == f"{CALL}\n{CALL}  # refuse\n"
    assert result.out == f"--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-{CALL}\n+{DONE}\n {CALL}  # refuse\n"
    assert result.err.startswith("a.py:2:1 MG101 [manual]")
    assert "1 can be migrated" in result.err


def test_a_diff_of_a_run_can_be_applied(cli):
    Path("a.py").write_bytes(f"# coding: latin-1\r\n'\xe9'\r\n{CALL}".encode("latin-1"))
    plant(b=CALL + "\n")
    patch = cli("diff").bytes
    subprocess.run(["git", "apply", "-"], input=patch, check=True)
    assert Path("a.py").read_bytes() == f"# coding: latin-1\r\n'\xe9'\r\n{DONE}".encode("latin-1")
    assert Path("b.py").read_text() == DONE + "\n"


@pytest.mark.parametrize("command", ["apply", "diff", "check"])
def test_json(cli, command):
    plant(a=CALL, b=CALL + "  # refuse", c=CALL + "  # crash", d="'generate_content'")
    result = cli(command, "--output-format", "json")
    assert (result.code, result.err) == (2, "")
    document = json.loads(result.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert [(it["path"], it["outcome"], it["changed"]) for it in document["files"]] == [
        ("a.py", "migrated", True),
        ("b.py", "refused", False),
        ("c.py", "failed", False),
        ("d.py", "unchanged", False),
    ]
    assert document["summary"] == {
        "files": 4,
        "changed": 1,
        "sites": 2,
        "migrated": 1,
        "review": 0,
        "refused": 1,
        "suppressed": 0,
        "errors": 1,
    }


def test_quiet_and_verbose(cli):
    plant(a=CALL + "  # refuse", b="'mentions generate_content'")
    Path("venv").mkdir()
    assert cli("check", "-q").out == "a.py:1:1 MG101 [manual] candidate_count=2 has no counterpart\n"
    verbose = cli("check", "-v").out
    assert "b.py: names generate_content, but calls it on no google-genai client" in verbose
    assert "venv: passed over" in verbose


def test_the_folder_is_the_default(cli):
    plant(a=CALL)
    assert cli("check", "-q").out.startswith("a.py:1:1 ")


class Terminal(io.TextIOWrapper):
    def isatty(self):
        return True


@pytest.mark.parametrize(("variable", "colour"), [(None, True), ("NO_COLOR", False)])
def test_colour_is_for_terminals(cli, monkeypatch, variable, colour):
    plant(a=CALL)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if variable:
        monkeypatch.setenv(variable, "1")
    screen = Terminal(io.BytesIO(), encoding="utf-8", write_through=True)
    monkeypatch.setattr(sys, "stdout", screen)
    cli("diff")
    assert (b"\x1b[32m+client" in screen.buffer.getvalue()) is colour


def test_what_the_terminal_cannot_show_is_no_reason_to_stop(cli, monkeypatch):
    plant(a=f"'日本'; {CALL}")
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)
    assert cli("check").code == 1
    assert rb"\u65e5" in screen.buffer.getvalue()


def test_a_reader_that_leaves_is_no_traceback(tmp_path):
    (tmp_path / "a.py").write_text(f"{CALL}  # refuse\n" * 5000)
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop()); import stub_migrate; "
        "sys.modules['migrator.migrate'] = stub_migrate; from migrator.__main__ import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "check", str(tmp_path), str(ROOT / "tests")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 2


# The short way ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["apply", "diff", "check", "apply --allow-dirty --force-exclude"])
@pytest.mark.parametrize("mention", ["x = 1\n", "'about generate_content'\n"])
def test_the_short_way_says_what_the_long_way_says(cli, capfdbinary, monkeypatch, command, mention):
    plant(a=mention, b="x = 1\n")
    command, *options = command.split()
    files = (*options, "a.py", "b.py", "./a.py")
    monkeypatch.setattr(sys, "argv", ["migrator", command, *files])
    __main__.main()
    short = capfdbinary.readouterr()
    long = cli(command, "--jobs=1", *files)
    assert (short.out.decode(), short.err.decode(), 0) == (long.out, long.err, long.code)


@pytest.mark.parametrize("arguments", [["a.py"], ["-q"], ["."], [], ["nowhere.py"], ["b.py", "a.py"]])
def test_the_short_way_is_not_taken_where_there_may_be_something(cli, monkeypatch, arguments):
    plant(a=CALL, b="x = 1\n")
    taken = []
    monkeypatch.setattr("migrator.cli.run_command_line", lambda given: taken.append(given) or 7)
    monkeypatch.setattr(sys, "argv", ["migrator", "check", *arguments])
    with pytest.raises(SystemExit, match="7"):
        __main__.main()
    assert taken == [["check", *arguments]]


def test_the_version(capfd, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["migrator", "--version"])
    __main__.main()
    short = capfd.readouterr().out
    assert run_command_line(["--version"]) == 0
    assert capfd.readouterr().out == short == f"migrator {__main__.__version__}\n"


# Payloads -----------------------------------------------------------------------------------------------------------

BODY = '{"model": "gemini-2.5-flash", "contents": "Hello"}'
LEFT = '{"model": "gemini-2.5-flash", "contents": "Hello", "generationConfig": {"candidateCount": 3}}'


def test_a_body_from_standard_input(cli, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BODY.encode())))
    result = cli("payload")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out) == {"model": "gemini-2.5-flash", "input": "Hello", "store": False}


def test_a_body_that_is_left_comes_out_as_it_went_in(cli):
    Path("body.json").write_text(LEFT)
    result = cli("payload", "body.json")
    assert (result.code, result.out) == (1, LEFT)
    assert result.err.startswith("body.json:1:")
    assert "[manual] candidate_count" in result.err
    assert cli("payload", "body.json", "--exit-zero").code == 0


def test_bodies_are_replaced_in_place(cli):
    Path("bodies.jsonl").write_text(f"{BODY}\n{LEFT}\n")
    result = cli("payload", "--write", "bodies.jsonl")
    assert (result.code, result.out) == (1, "")
    migrated, left = Path("bodies.jsonl").read_text().splitlines()
    assert json.loads(migrated)["input"] == "Hello"
    assert left == LEFT
    Path("bodies.jsonl").chmod(0o444)
    assert cli("payload", "--write", "bodies.jsonl").code == 1  # nothing more to write
    Path("body.json").write_text(BODY)
    Path("body.json").chmod(0o444)
    assert cli("payload", "--write", "body.json").code == 2


def test_a_body_that_does_not_parse_is_an_error(cli):
    Path("body.json").write_text("{")
    result = cli("payload", "body.json")
    assert (result.code, result.out) == (2, "")
    assert "MG407" in result.err


def test_a_crash_over_a_body_is_contained(cli, monkeypatch):
    Path("body.json").write_text(BODY)
    monkeypatch.setattr("migrator.dialects.payload.migrate_payload", lambda *_: 1 / 0)
    result = cli("payload", "body.json", "--write")
    assert result.code == 2
    assert "MG405 [manual] the migrator failed on this file: ZeroDivisionError" in result.err
    assert Path("body.json").read_text() == BODY


# Explaining ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(cli, code):
    result = cli("explain", code.lower())
    assert result.code == 0
    assert result.out.startswith(f"{code}: {CODES[code].title}\n")
    assert CODES[code].advice in result.out


def test_explain_alone_lists_the_codes(cli):
    lines = cli("explain").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(CODES)


def test_help_has_a_whole_sentence_for_each_command(cli):
    """No line of the list of commands is cut."""
    assert "..." not in cli("--help").out.partition("Commands:")[2]


@pytest.mark.parametrize("codes", [["MG1,MG4"], ["MG1", "MG4"], [" MG4 , MG1 "]])
def test_codes_are_separated_by_commas_or_given_one_by_one(cli, codes):
    plant(a=CALL)
    assert cli("check", *(f"--ignore={each}" for each in codes)).code == 0


def test_a_field_is_explained_and_shown(cli):
    shown = cli("map", "show", "maxOutputTokens")
    assert shown.code == 0
    assert "generation_config.max_output_tokens" in shown.out
    assert cli("explain", "maxOutputTokens").out == shown.out


def test_a_field_that_is_not_there(cli):
    assert "Did you mean" in cli("map", "show", "max_output_token").err
    assert "migrator map show" in cli("explain", "nothing_like_it").err


def test_codes_are_listed_by_their_beginning(cli):
    assert [line[:5] for line in cli("explain", "mg50").out.splitlines()] == [f"MG50{number}" for number in range(1, 8)]
    listed = [line[:5] for line in cli("explain").out.splitlines()]
    assert listed == sorted(CODES)
    assert "migrator explain lists" in cli("explain", "MG999").err


def test_a_word_that_is_no_command(cli):
    plant(a=CALL)
    assert "Did you mean 'check'?" in cli("chek", ".").err
    assert "migrator check a.py" in cli("a.py").err
    assert "Did you mean" not in cli("nonsense").err


def test_standard_output_that_takes_no_more(cli):
    """A full disk is no defect of the migrator, whatever there is to say."""
    plant(a=CALL, b="x = 1\n")
    for arguments in (["check", "a.py"], ["check", "b.py"], ["map", "show"], ["scan", "a.py"]):
        with open("/dev/full", "wb") as full:
            command = [sys.executable, "-m", "migrator", *arguments]
            ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        said = "Error: standard output cannot be written: No space left on device.\n"
        assert (ended.returncode, ended.stderr) == (2, said), arguments


@pytest.mark.parametrize("closed", ["0", "1", "2"])
def test_standard_streams_that_are_closed(cli, closed):
    plant(a="import google.genai\n")
    shell = f'"$0" -m migrator check a.py {closed}>&- && "$0" -m migrator check - {closed}>&-'
    ended = subprocess.run(["/bin/sh", "-c", shell, sys.executable], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_report_does_not_take_the_place_of_a_device(cli, tmp_path):
    plant(a=CALL)
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert cli("check", "a.py", "--output", "json=pipe").code == 1
    assert os.read(reader, 100).startswith(b"{")
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
    shell = '"$0" -m migrator check -q a.py --output json=/dev/stdout > all.txt'
    subprocess.run(["/bin/sh", "-c", shell, sys.executable], check=False)
    assert '"version": 1' in Path("all.txt").read_text()


def test_a_name_that_no_terminal_shows(cli):
    name = os.fsdecode(b"a\n\x1b[2J\xff.py")
    Path(name).write_text(CALL)
    assert cli("check", "-q", name).out.startswith("a\\n\\x1b[2J\\xff.py:1:1 MG400 ")
    for form in ("json", "github", "gitlab", "sarif", "junit", "markdown", "html", "text"):
        result = cli("check", name, "--output-format", form)
        assert (result.code, result.err) == (1, ""), form
    entry = json.loads(cli("check", name, "--output-format", "gitlab").out)[0]
    assert entry["location"]["path"] == "a\\n\\x1b[2J\\xff.py"
    assert "a%0A%1B%5B2J%FF.py" in cli("check", name, "--output-format", "sarif").out


def test_a_very_long_line_is_shown_where_it_matters(cli):
    plant(a=f"x = '{'a' * 100_000}'; {CALL}; y = '\x1b[2J{'b' * 100_000}'\n")
    lines = cli("check", "a.py").out.splitlines()
    assert max(map(len, lines)) < 300
    assert "client.models.generate_content(1)" in lines[2]
    assert lines[3].index("^") == lines[2].index("client.models")
    assert "\x1b" not in lines[2]


def test_checking_a_map(cli):
    Path("map.yaml").write_text("nonsense: 1\n")
    wrong = cli("map", "check", "map.yaml")
    assert wrong.code == 2
    assert wrong.out.startswith("map.yaml:1")
    Path("empty.yaml").write_text("request: {}\n")
    assert cli("map", "check", "empty.yaml").code == 0


def test_a_map_for_fields_that_nobody_knows(cli):
    Path("map.yaml").write_text("request:\n  Part:\n    txt: {to: input}\n  Prt:\n    text: {to: input}\n")
    result = cli("map", "check", "map.yaml")
    assert (result.code, result.out) == (
        0,
        "map.yaml:3: Part.txt is in no built-in map; did you mean text?\n"
        "map.yaml:5: Prt.text is in no built-in map; did you mean Part?\n"
        "map.yaml: no problem found\n",
    )


def test_the_maps_cover_the_sdk(cli):
    result = cli("map", "coverage")
    assert result.code == 0
    assert "0 fields without a row, 0 rows without a field" in result.out


def test_coverage_without_the_sdk_says_what_to_install(cli, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.genai.types", None)
    result = cli("map", "coverage")
    assert result.code == 2
    assert "pip install google-genai" in result.err


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_command_has_help(cli, command):
    result = cli(*command, "--help")
    assert result.code == 0
    assert result.out.startswith("Usage: migrator")


@pytest.mark.skipif(os.name == "nt", reason="modes are not kept there")
def test_a_file_that_cannot_be_written_is_named(cli):
    plant(a=CALL, b=CALL)
    Path("a.py").chmod(0o444)
    result = cli("apply")
    assert result.code == 2
    assert "MG403 [manual] cannot be written: the file is read-only" in result.out
    assert (Path("a.py").read_text(), Path("b.py").read_text()) == (CALL, DONE)


THREE_CLIENTS = """\
import os
from google import genai

if os.environ.get("EXPRESS"):
    client = genai.Client(vertexai=True, api_key="k")
elif os.environ.get("CLOUD"):
    client = genai.Client(vertexai=True, project="p", location="us-central1")
else:
    client = genai.Client(vertexai=True, project="p", location="global")

print(client.models.generate_content(model="gemini-2.5-flash", contents="Hello").text)
"""


def test_the_report_does_not_depend_on_the_hash_seed(tmp_path):
    (tmp_path / "three.py").write_text(THREE_CLIENTS)
    some = sorted((ROOT / "fixtures" / "google_genai").rglob("before.py"))[::20]
    reports = {
        subprocess.run(
            [sys.executable, "-m", "migrator", "check", "--output-format", "json", str(tmp_path), *map(str, some)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(some) > 5
    assert len(reports) == 1


# The end of the process ----------------------------------------------------------------------------------------------


REAL = "from google import genai\ngenai.Client().models.generate_content(model='gemini-2.5-flash', contents='Hi')\n"


@pytest.mark.parametrize(("text", "code"), [("x = 1\n", 0), (REAL, 1), ("client.models.generate_content(\n", 2)])
def test_a_process_that_ends_at_once_has_said_everything(tmp_path, text, code):
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(300):
        (tree / f"f{number}.py").write_text(text)
    line = [
        sys.executable,
        "-m",
        "migrator",
        "check",
        "--verbose",
        "--cache-dir",
        str(tmp_path / "cache"),
        str(tree),
    ]
    runs = []
    for debug in ("", "1"):
        done = subprocess.run(
            line, capture_output=True, text=True, check=False, env={**os.environ, "MIGRATOR_DEBUG": debug}
        )
        runs.append((done.returncode, done.stdout, done.stderr))
    assert runs[0] == runs[1]
    assert runs[0][0] == code
    assert "Scanned 300 files" in runs[0][1]
    assert len(runs[0][1]) > 100


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")
@pytest.mark.parametrize("text", ["x = 1\n", REAL])
def test_words_that_cannot_be_written_fail_the_process(tmp_path, text):
    (tmp_path / "a.py").write_text(text)
    with open("/dev/full", "w") as full:
        line = [sys.executable, "-m", "migrator", "check", str(tmp_path)]
        assert subprocess.run(line, stdout=full, stderr=subprocess.DEVNULL, check=False).returncode not in (0, 1)
