"""The house rules that a program can check: what lies where, and who speaks Korean."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tools import need

REPOSITORY = Path(__file__).resolve().parents[1]
TOP_LEVEL = {".ci", ".gitignore", "LICENSE", "README.md", "docs", "pyproject.toml", "server", "tests", "tui_client"}

SPEAKS_KOREAN = {
    "server/arguments.py",
    "server/limit_options.py",  # what `--help` says
    "server/options.py",  # what `--help` says
    "server/protocol/phrases.py",
    "server/protocol/nickname.py",  # reserved words
    "server/protocol/plain.py",  # command words
    "server/protocol/skeleton.py",  # the jamo themselves
    "server/protocol/syllables.py",  # the consonants and vowels themselves
}
PRINTS = {"server/__main__.py", "server/arguments.py", "tui_client/__main__.py"}

_HANGUL = re.compile("[ㄱ-ㆎ가-힣]")
_TEXT_TOKENS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


def python_files(*folders: str) -> list[str]:
    return sorted(
        path.relative_to(REPOSITORY).as_posix() for name in folders for path in (REPOSITORY / name).rglob("*.py")
    )


def read(path: str) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def docstring_places(tree: ast.AST) -> set[tuple[int, int]]:
    """Where a string stands by itself: under a module, a class, a function, or a name that it describes."""
    return {
        (node.value.lineno, node.value.col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def korean_strings(source: str) -> Iterator[str]:
    """The literals with Hangul in them, as they are written; escapes and docstrings are none."""
    docstrings = docstring_places(ast.parse(source))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in _TEXT_TOKENS and token.start not in docstrings and _HANGUL.search(token.string):
            yield token.string


def prints(source: str) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        for node in ast.walk(ast.parse(source))
    )


def dataclasses_of(source: str) -> Iterator[str]:
    """The names of the dataclasses in it that are no messages of Textual's."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and "Message" not in map(ast.unparse, node.bases):
            yield from (node.name for decorator in node.decorator_list if "dataclass" in ast.unparse(decorator))


def test_nothing_lies_about_at_the_top() -> None:
    listing = subprocess.run(
        [need("git"), "-c", "safe.directory=*", "ls-files"],
        cwd=REPOSITORY,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("not a clone")
    assert {path.partition("/")[0] for path in listing.stdout.splitlines()} <= TOP_LEVEL


@pytest.mark.parametrize("path", [path for path in python_files("server", "tui_client", "tests") if read(path)])
def test_every_module_says_what_it_is(path: str) -> None:
    assert ast.get_docstring(ast.parse(read(path)))


def test_only_the_packages_of_tests_may_be_empty() -> None:
    assert [path for path in python_files("server", "tui_client") if not read(path)] == []


def test_the_servers_korean_is_kept_in_one_place() -> None:
    scattered = {path: list(korean_strings(read(path))) for path in python_files("server") if path not in SPEAKS_KOREAN}
    assert {path: strings for path, strings in scattered.items() if strings} == {}


def test_the_clients_values_are_structs() -> None:
    """As the protocol's: a dataclass is written as source and compiled anew at every start, 0.3 ms each; a Struct takes 0.007."""
    found = {path: list(dataclasses_of(read(path))) for path in python_files("tui_client", "server/protocol")}
    assert {path: names for path, names in found.items() if names} == {}


def test_nobody_prints_but_the_commands() -> None:
    assert [path for path in python_files("server", "tui_client") if path not in PRINTS and prints(read(path))] == []


def test_no_exception_names_a_file_that_is_gone_or_needs_none() -> None:
    assert [path for path in SPEAKS_KOREAN if not any(korean_strings(read(path)))] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = '안녕'", 1),
        ("x = f'{y}님'", 1),
        ("x = f'''{y}\n님'''", 1),
        ("def f():\n    return 'ㅋㅋ'", 1),
        ('"""안녕"""', 0),
        ('x = 1\n"""이름"""', 0),
        ('def f():\n    """하는 일"""', 0),
        ("x = '\\uac00-\\ud7a3'  # 한글", 0),
    ],
)
def test_korean_is_found_where_it_is_said(source: str, found: int) -> None:
    assert len(list(korean_strings(source))) == found


def test_dataclasses_are_found() -> None:
    source = """
@dataclass(frozen=True, slots=True)
class Value:
    text: str

class Box(Widget):
    @dataclasses.dataclass
    class Opened(Message):
        box: "Box"

    @dataclasses.dataclass
    class Place:
        row: int
"""
    assert list(dataclasses_of(source)) == ["Value", "Place"]


def test_printing_is_found() -> None:
    assert prints("def f():\n    print('a')")
    assert not prints("log.print('a')  # print()")
