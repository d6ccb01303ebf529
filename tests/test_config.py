"""Settings from files: which file holds, what wins, and what is said of one that cannot be used."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from migrator.cli import options, run_command_line
from migrator.config import pyproject
from migrator.config.keys import KEYS, Part, settings_of
from migrator.config.policy import Policy, Sources
from migrator.settings import Marks, Settings, State, Vertex

ROOT = Path(__file__).parent.parent
HEAD = "from google import genai\n\nclient = genai.Client()\n"
SAFE = HEAD + 'client.models.generate_content(model="gemini-2.5-flash", contents="Hello")\n'


@pytest.fixture
def cli(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        code = run_command_line(arguments)
        out, err = capfdbinary.readouterr()
        return SimpleNamespace(code=code, out=out.decode(), err=err.decode())

    return run


@pytest.fixture
def plant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(**files):
        for name, text in files.items():
            path = Path(name.replace("__", "/") + (".toml" if name.endswith("pyproject") else ".py"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def settings(path, **given):
    return Policy({name.replace("_", "-"): value for name, value in given.items()}).settings_for(path)


# Which settings hold --------------------------------------------------------------------------------------------------


def test_without_a_word_the_defaults_hold(plant):
    assert settings("a.py") == Settings() == settings_of({})


def test_every_key_does_something(plant):
    plant(
        pyproject="""\
[tool.migrator]
review = true
state = "stateful"
vertex = "allow"
upgrade-models = true
select = ["mg1", "MG2"]
ignore = ["MG101"]
mark = true
"""
    )
    made = settings("a.py")
    default = Settings()
    assert [name for name in Settings.__slots__ if getattr(made, name) == getattr(default, name)] == [
        "field_maps",
        "bodies",
        "units",
    ]
    assert (made.select, made.marks) == (("MG1", "MG2"), Marks.ALL)


def test_the_nearest_file_with_a_section_holds_alone(plant):
    plant(
        pyproject='[tool.migrator]\nstate = "stateful"\nreview = true\n',
        sub__pyproject='[tool.migrator]\nvertex = "allow"\n',
        sub__none__pyproject='[project]\nname = "migrator-user"\n',
    )
    assert settings("a.py").state is State.STATEFUL
    inner = settings("sub/none/a.py")
    assert (inner.state, inner.vertex) == (State.STATELESS, Vertex.ALLOW)
    assert settings("other/deep/a.py").state is State.STATEFUL


def test_the_command_line_wins(plant):
    plant(
        pyproject='[tool.migrator]\nstate = "stateful"\n[[tool.migrator.overrides]]\npaths = ["*"]\nvertex = "allow"\n'
    )
    made = settings("a.py", state="stateless", vertex="refuse")
    assert (made.state, made.vertex) == (State.STATELESS, Vertex.REFUSE)


def test_later_overrides_win(plant):
    plant(
        pyproject="""\
[tool.migrator]
state = "stateful"

[[tool.migrator.overrides]]
paths = ["tests/", "*_test.py"]
review = true
ignore = ["MG3"]

[[tool.migrator.overrides]]
paths = ["/tests/unit/*"]
ignore = []
state = "stateless"
"""
    )
    assert settings("src/a.py") == Settings(state=State.STATEFUL)
    assert settings("src/a_test.py").ignore == ("MG3",)
    assert settings("tests/a.py").ignore == ("MG3",)
    unit = settings("tests/unit/a.py")
    assert (unit.ignore, unit.state, unit.accept.value) == ((), State.STATELESS, "review")


def test_one_file_for_all_and_none_at_all(cli, plant):
    plant(a=SAFE, pyproject='[tool.migrator]\nstate = "stateful"\n')
    Path("ci").mkdir()
    Path("ci/migrator.toml").write_text('ignore = ["MG4"]\nexclude = ["/b.py"]\n')
    plant(b=SAFE)
    assert "store" not in cli("diff", "a.py").out
    assert "store" in cli("diff", "a.py", "--isolated").out
    assert "store" in cli("diff", "a.py", "--config", "ci/migrator.toml").out
    assert cli("check", "--config", "ci/migrator.toml").code == 0
    assert "Scanned 1 file," in cli("check", "--config", "ci/migrator.toml").out
    assert cli("check", "--config", "pyproject.toml", "--isolated").code == 2
    Path("empty").mkdir()
    Path("empty/pyproject.toml").write_text("")
    assert "has no [tool.migrator]" in cli("check", "--config", "empty/pyproject.toml").err


def test_files_of_one_run_have_their_own_settings(cli, plant):
    plant(a=SAFE, sub__a=SAFE, sub__pyproject='[tool.migrator]\nstate = "stateful"\n')
    assert cli("apply").code == 0
    assert "store=False" in Path("a.py").read_text()
    assert "store=False" not in Path("sub/a.py").read_text()


def test_paths_are_relative_to_the_file_that_names_them(cli, plant):
    plant(sub__a=SAFE, sub__pyproject='[tool.migrator]\nfield-maps = ["maps/my.yaml"]\ncache-dir = ".cache"\n')
    Path("sub/maps").mkdir()
    Path("sub/maps/my.yaml").write_text("nonsense: 1\n")
    result = cli("apply", "sub")
    assert (result.code, "my.yaml:1" in result.err) == (2, True)
    assert Path("sub/a.py").read_text() == SAFE
    assert Policy().run_value("cache-dir") is None


def test_request_bodies_have_settings_too(cli, plant):
    plant(pyproject='[tool.migrator]\nstate = "stateful"\n')
    Path("body.json").write_text('{"model": "gemini-2.5-flash", "contents": "Hello"}')
    assert "store" not in json.loads(cli("payload", "body.json").out)
    assert "store" in json.loads(cli("payload", "body.json", "--state", "stateless").out)


def test_nested_settings_exclude_below_their_folder(cli, plant):
    plant(a=SAFE, sub__a=SAFE, sub__b=SAFE, sub__pyproject='[tool.migrator]\nexclude = ["/a.py"]\n')
    assert [line.split(":")[0] for line in cli("check", "-q").out.splitlines()] == ["a.py", "sub/b.py"]


def test_every_key_is_an_option_and_every_option_a_key():
    from migrator.cli.files import apply, check

    names = {parameter.name for command in (apply, check) for parameter in command.params}
    assert {name.replace("-", "_") for name in KEYS} <= names
    assert set(options._KEYS) == {name.replace("-", "_") for name in KEYS}


def test_every_key_is_documented():
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert not [name for name in KEYS if f"`{name}`" not in text]


# What cannot be used --------------------------------------------------------------------------------------------------

BEFORE = "[project]\nname = 'x'\ndescription = '''\n[tool.migrator]\nstat = 1\n'''\n\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[tool.migrator]\nstate = "stateful"\nstat = "x"\n', 3, "unknown key 'stat'; did you mean state?"),
        ("[tool.migrator]\nfield_maps = []\n", 2, "did you mean field-maps?"),
        ("[tool.migrator]\nzzz = 1\n", 2, "the keys are review, state"),
        ('[tool.migrator]\nselect = [\n  "MG1",\n  "MG9",\n]\n', 2, "select: there is no code MG9"),
        ('[tool.migrator]\n# ignore is next\nignore = ["MG402"]\n', 3, "exclude the file"),
        ("[tool.migrator]\nreview = 1\n", 2, "review: expected true or false"),
        ('[tool.migrator]\nstate = "x"\n', 2, "state: expected stateless or stateful"),
        ("[tool.migrator]\njobs = 0\n", 2, "jobs: expected a whole number"),
        ('[tool.migrator]\nexclude = "a"\n', 2, "exclude: expected a list of texts"),
        ('[tool.migrator]\nexclude = ["a", "!"]\n', 2, "exclude: "),
        ("tool.migrator.stat = 1\n", 1, "unknown key 'stat'"),
        ("[tool]\nmigrator = {state = 'stateful', stat = 1}\n", 2, "unknown key 'stat'"),
        ("[tool]\nmigrator = 1\n", 2, "[tool.migrator] has to be a table"),
        ("[tool.migrator]\noverrides = 1\n", 2, "expected [[tool.migrator.overrides]]"),
        ("[[tool.migrator.overrides]]\nreview = true\n", 1, "an override needs paths"),
        ("[[tool.migrator.overrides]]\npaths = ['a']\njobs = 1\n", 3, "jobs is of a whole run"),
        (
            "[[tool.migrator.overrides]]\npaths = ['a']\n\n[[tool.migrator.overrides]]\npaths = ['b']\nstat = 1\n",
            6,
            "unknown key 'stat'",
        ),
        ("[tool.migrator]\nstate = \n", 2, "not TOML"),
    ],
)
def test_what_is_not_understood_is_named_with_its_line(plant, text, line, said):
    for before in ("", BEFORE):
        if before and text.startswith("tool."):
            continue
        plant(pyproject=before + text)
        with pytest.raises(pyproject.ConfigError) as raised:
            settings("a.py")
        number = line + before.count("\n")
        assert said in str(raised.value)
        assert f"pyproject.toml:{number}: " in str(raised.value) or f"at line {number}," in str(raised.value)


@pytest.mark.parametrize("command", ["apply", "diff", "check"])
def test_wrong_settings_stop_the_run_before_a_file_is_touched(cli, plant, command):
    plant(a=SAFE, z__a=SAFE, z__pyproject="[tool.migrator]\nstat = 1\n")
    result = cli(command)
    assert result.code == 2
    assert "z/pyproject.toml:2: unknown key 'stat'" in result.err
    assert Path("a.py").read_text() == SAFE
    assert cli("check", "--isolated").code == 1


def test_settings_that_cannot_be_read(plant, monkeypatch):
    plant(pyproject="[tool.migrator]\n")

    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pyproject.source, "read", denied)
    with pytest.raises(pyproject.ConfigError, match="cannot be read: Permission denied"):
        settings("a.py")
    assert Policy(sources=Sources.NOWHERE).settings_for("a.py") == Settings()


def test_only_what_decides_a_rewrite_stands_in_an_override():
    assert {key.name for key in KEYS.values() if key.part is Part.REWRITE} == {
        *("review", "state", "vertex", "upgrade-models", "field-maps", "select", "ignore", "mark")
    }
