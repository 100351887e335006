"""Every sentence of the server: word for word where the contract gives it, one Korean line everywhere."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import server
import tui_client
from server.protocol import phrases

NICK = "영희"
EXACT = {
    "닉네임을 입력하세요.": phrases.ASK_NICKNAME,
    "영희님이 입장하셨습니다.": phrases.joined(NICK),
    "영희님이 퇴장하셨습니다.": phrases.left(NICK),
    "영희> 안녕하세요": phrases.said(NICK, "안녕하세요"),
    "[귓속말] 영희> 비밀": phrases.whisper_received(NICK, "비밀"),
    "[귓속말 전송] 철수에게: 비밀": phrases.whisper_sent("철수", "비밀"),
    "[알림] '없는사람'님은 접속해 있지 않습니다.": phrases.NOTICE + phrases.no_such_nick("없는사람"),
    "[알림] 영희님이 영이님으로 바꾸셨습니다.": phrases.NOTICE + phrases.renamed(NICK, "영이"),
    "[알림] 모르는 명령입니다: /춤": phrases.NOTICE + phrases.unknown_command("/춤"),
    "속삭 서버가 127.0.0.1:12345에서 기다립니다.": phrases.listening("127.0.0.1", 12345),
    "지금 2명이 있습니다: 영희, 철수": phrases.member_list([NICK, "철수"]),
}


def _argument(parameter: inspect.Parameter) -> object:
    if parameter.annotation in (int, int | None):
        return 1234
    return NICK if parameter.annotation is str else [NICK, "철수"]


def _called(function: Callable[..., str]) -> str:
    return function(*map(_argument, inspect.signature(function).parameters.values()))


def sentences() -> Iterator[tuple[str, str]]:
    """(name, sentence) of all that the module says."""
    for name, value in vars(phrases).items():
        if name.startswith("_"):
            continue
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, tuple):
            yield from ((name, line) for line in value)
        elif inspect.isfunction(value):
            yield name, _called(value)


SENTENCES = list(sentences())


@pytest.mark.parametrize(("wanted", "sentence"), EXACT.items())
def test_a_sentence_of_the_contract_stands_word_for_word(wanted: str, sentence: str) -> None:
    assert sentence == wanted


@pytest.mark.parametrize(("name", "sentence"), SENTENCES, ids=[name for name, _ in SENTENCES])
def test_a_sentence_is_one_line_of_korean(name: str, sentence: str) -> None:
    assert re.search("[가-힣]", sentence)
    assert sentence.isprintable()


@pytest.mark.parametrize(("name", "sentence"), SENTENCES, ids=[name for name, _ in SENTENCES])
def test_no_particle_hangs_on_a_nickname(name: str, sentence: str) -> None:
    """Whose right form depends on how the nickname ends; `에게` and `님` fit them all."""
    assert re.search(rf"{NICK}'?(?:이|가|은|는|을|를|과|와|으로|로|아|야)(?:[ .,]|$)", sentence) is None


def test_numbers_of_several_digits_can_be_read() -> None:
    assert "2,000자" in phrases.text_too_long(2000, 20)
    assert "4,096바이트" in phrases.line_too_long(4096)


def test_no_sentence_is_left_over() -> None:
    folders = [Path(package.__path__[0]) for package in (server, tui_client)]
    source = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    unused = [name for name in {name for name, _ in SENTENCES} if not re.search(rf"\bphrases\.{name}\b", source)]
    assert unused == []
