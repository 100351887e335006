"""The sentences of the client."""

import errno
from collections.abc import Iterator

import pytest

from tui_client import strings

HANGUL = range(ord("가"), ord("힣") + 1)

SENTENCES = [
    strings.unknown_command("/종로", "/종료"),
    strings.unknown_command("/x", ""),
    strings.not_sent("연결이 없습니다."),
    strings.cannot_connect("127.0.0.1:9", errno.ECONNREFUSED),
    strings.cannot_connect("127.0.0.1:9", 9999),
    strings.cannot_resolve("없는.주소"),
    strings.not_soksak("127.0.0.1:22"),
    strings.no_welcome("127.0.0.1:22"),
    strings.hung_up("127.0.0.1:22"),
    strings.newer_server(2),
    strings.server_started("127.0.0.1:12345"),
    strings.server_ended("포트가 쓰이고 있습니다.", "/x/server.log"),
    strings.server_not_ready("/x/server.log"),
    strings.folder_not_writable("/x"),
    strings.secret_replaced("/x/secret.damaged-1"),
    strings.secret_not_kept("/x"),
    strings.state_offline(3),
    strings.state_reconnecting(2),
    strings.members_title(3),
    strings.unread_below(1200),
    strings.stopped("연결이 없습니다."),
]


def texts_in(value: object) -> Iterator[str]:
    """The texts in a constant, which may be a table of them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_in(item)


CONSTANTS = {name: value for name, value in vars(strings).items() if name.isupper() and isinstance(value, str | tuple)}


@pytest.mark.parametrize("text", [*SENTENCES, *(text for value in CONSTANTS.values() for text in texts_in(value))])
def test_every_text_is_one_tidy_line(text: str) -> None:
    assert text.isprintable()
    assert "  " not in text


@pytest.mark.parametrize("text", [*SENTENCES, *(value for value in CONSTANTS.values() if isinstance(value, str))])
def test_every_sentence_and_label_is_korean(text: str) -> None:
    assert any(ord(character) in HANGUL for character in text)


def test_refused_connection_names_the_address_and_the_reason() -> None:
    assert (
        strings.cannot_connect("127.0.0.1:9", errno.ECONNREFUSED)
        == "127.0.0.1:9에 연결할 수 없습니다. 그 주소에서 실행 중인 서버가 없습니다. 서버가 켜지면 저절로 연결합니다."
    )


def test_unknown_reason_is_told_by_its_number() -> None:
    assert (
        strings.cannot_connect("h:1", 9999)
        == "h:1에 연결할 수 없습니다. 시스템 오류 9999번입니다. 주소와 네트워크를 확인하세요."
    )


@pytest.mark.parametrize(
    ("nearest", "question"),
    [("/목록", "'/목록'을 뜻하셨나요?"), ("/종료", "'/종료'를 뜻하셨나요?"), ("/exit", "'/exit'를 뜻하셨나요?")],
)
def test_suggestion_has_the_right_particle(nearest: str, question: str) -> None:
    assert strings.unknown_command("/x", nearest).endswith(question)


@pytest.mark.parametrize("name", sorted(name for name in vars(strings) if name.startswith("COMMAND_")))
def test_what_a_command_does_is_a_whole_sentence(name: str) -> None:
    _, does = getattr(strings, name)
    assert does.endswith("니다")


def test_settings_that_could_not_be_read_are_not_said_to_have_been_unwritable() -> None:
    assert "설정 파일을 읽지 못해" in strings.settings_ignored("/x", "이유")


def test_countdown_never_says_zero() -> None:
    assert strings.state_offline(0.01) == "연결 끊김 · 1초 뒤 다시 연결"
