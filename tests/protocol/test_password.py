"""What a person types is compared as they mean it, and shown to nobody."""

import logging
import traceback
import unicodedata
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.traceback import Traceback

from server.protocol import jsonlines
from server.protocol.errors import Refusal
from server.protocol.events import BecomeOperator, Hello
from server.protocol.password import Password

TEXT = "참깨가 열려라 1234"
CLIENT = "0123456789abcdef0123456789abcdef"


def hello(text: str = TEXT) -> Hello:
    return Hello(1, "영희", CLIENT, password=Password(text))


@pytest.mark.parametrize(
    "typed", [TEXT, unicodedata.normalize("NFD", TEXT), TEXT.replace(" ", "\u3000"), TEXT.replace(" ", "\u00a0")]
)
def test_the_same_password_is_the_same_however_a_system_types_it(typed: str) -> None:
    assert Password(typed) == Password(TEXT)
    assert Password(typed).encode() == TEXT.encode()


@pytest.mark.parametrize("typed", [TEXT + " ", TEXT[:-1], TEXT.replace("1", "１"), "", TEXT.swapcase() + "a"])
def test_another_password_is_another(typed: str) -> None:
    assert Password(typed) != Password(TEXT)


def test_a_password_is_no_text() -> None:
    assert Password(TEXT) != TEXT
    with pytest.raises(TypeError):
        hash(Password(TEXT))


@given(st.text(st.characters(codec=None), max_size=2000))
def test_any_text_is_taken_and_stays_what_it_is(typed: str) -> None:
    password = Password(typed)
    assert Password(password.reveal()) == password
    password.encode()


@pytest.mark.parametrize(
    "shown", [Password(TEXT), hello(), BecomeOperator(1, Password(TEXT)), [hello()], {"a": hello()}]
)
def test_nothing_that_shows_values_shows_a_secret(shown: object) -> None:
    console = Console(file=StringIO(), width=400)
    console.print(shown)
    output = console.file.getvalue() if isinstance(console.file, StringIO) else ""
    texts = [repr(shown), str(shown), f"{shown}", "%s" % (shown,), output]  # noqa: UP031
    assert output
    assert not any(secret in text for text in texts for secret in (TEXT, "참깨", CLIENT))


def test_a_traceback_with_locals_shows_none() -> None:
    out, log = StringIO(), StringIO()
    logger = logging.Logger("test")
    logger.addHandler(logging.StreamHandler(log))
    try:
        fail_with(hello(), Password(TEXT))
    except ZeroDivisionError:
        console = Console(file=out, width=400)
        console.print(Traceback(show_locals=True))
        logger.exception("failed with %s", hello())
        out.write(traceback.format_exc())
    assert "greeting" in out.getvalue()
    assert "failed" in log.getvalue()
    assert "참깨" not in out.getvalue() + log.getvalue()
    assert CLIENT not in out.getvalue() + log.getvalue()


def fail_with(greeting: Hello, password: Password) -> float:
    return 1 / len([greeting, password][2:])


def test_a_password_travels_as_text() -> None:
    line = jsonlines.encode(hello())
    assert f'"password":"{TEXT}"'.encode() in line
    decoded = jsonlines.decode_command(line)
    assert isinstance(decoded, Hello)
    assert decoded.password == Password(TEXT)


@pytest.mark.parametrize("value", ["5", "true", '["a"]', '{"a":"b"}', "1" * 60, "[1e999]", "[" * 60 + "]" * 60])
def test_what_is_no_password_is_refused_without_repeating_it(value: str) -> None:
    line = f'{{"t":"hello","v":1,"nick":"a","client":"{CLIENT}","password":{value}}}'.encode()
    with pytest.raises(Refusal) as refused:
        jsonlines.decode_command(line)
    assert refused.value.code == "bad_frame" or value == "[1e999]"
    assert value not in refused.value.text or value == "5"
