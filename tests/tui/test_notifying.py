"""Who is called back to the terminal, when, and how often."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_client import strings
from tui_client.notifying import BELL_PAUSE_S, BODY_COLUMNS, NOTE_PAUSE_S, Alert, Kind, News, Note, Notifier
from tui_client.settings import Desktop, Focus, Notify, Settings

WHISPER = News(Kind.WHISPER, "철수", "비밀이야")
MENTION = News(Kind.MENTION, "철수", "영희야 안녕")
MESSAGE = News(Kind.MESSAGE, "철수", "안녕하세요")
NOTHING = Alert()


def away(settings: Settings | None = None) -> Notifier:
    """A notifier whose user looks elsewhere."""
    notifier = Notifier(settings or Settings())
    notifier.look_away()
    return notifier


# --- what is worth it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notify", "worth"),
    [
        (Notify.MENTIONS, {Kind.WHISPER, Kind.MENTION}),
        (Notify.ALL, {Kind.WHISPER, Kind.MENTION, Kind.MESSAGE}),
        (Notify.NONE, set()),
    ],
)
@pytest.mark.parametrize("news", [WHISPER, MENTION, MESSAGE])
def test_only_what_was_asked_for_rings_and_counts(notify: Notify, worth: set[Kind], news: News) -> None:
    notifier = away(Settings(notify=notify))
    alert = notifier.hear([news], 0.0)
    assert alert.ring == (alert.note is not None) == (notifier.unread == 1) == (news.kind in worth)


@pytest.mark.parametrize("news", [WHISPER, MENTION, MESSAGE])
def test_nothing_disturbs_whoever_is_looking(news: News) -> None:
    notifier = Notifier(Settings(notify=Notify.ALL))
    assert notifier.hear([news], 0.0) == NOTHING
    assert notifier.unread == 0


@pytest.mark.parametrize("kind", list(Kind))
def test_what_i_said_notifies_nobody(kind: Kind) -> None:
    notifier = away(Settings(notify=Notify.ALL))
    assert notifier.hear([News(kind, "영희", "나", is_mine=True)], 0.0) == NOTHING
    assert notifier.unread == 0


def test_terminal_that_reports_no_focus_can_be_told_to_notify_always() -> None:
    notifier = Notifier(Settings(focus=Focus.ALWAYS_AWAY))
    assert notifier.hear([WHISPER], 0.0).ring
    notifier.look()
    assert notifier.unread == 0
    assert notifier.hear([WHISPER], 10.0).ring


def test_bell_and_desktop_can_each_be_switched_off() -> None:
    assert away(Settings(bell=False)).hear([WHISPER], 0.0) == Alert(note=Note("철수님의 귓속말", "비밀이야"))
    assert away(Settings(desktop=Desktop.OFF)).hear([WHISPER], 0.0) == Alert(ring=True)


def test_changed_settings_hold_from_the_next_message_on() -> None:
    notifier = away()
    notifier.settings = Settings(notify=Notify.NONE)
    assert notifier.hear([WHISPER], 0.0) == NOTHING


# --- how often --------------------------------------------------------------------------------------------------------


def test_bell_rings_once_in_its_time_and_then_for_what_came_meanwhile() -> None:
    notifier = away(Settings(desktop=Desktop.OFF))
    assert notifier.hear([WHISPER], 0.0) == Alert(ring=True)
    assert notifier.hear([WHISPER], 0.5) == Alert(again_in_s=BELL_PAUSE_S - 0.5)
    assert notifier.hear([WHISPER], 1.0) == Alert(again_in_s=BELL_PAUSE_S - 1.0)
    assert notifier.due(BELL_PAUSE_S) == Alert(ring=True)
    assert notifier.due(100.0) == NOTHING


def test_later_messages_are_summed_up_in_one_note() -> None:
    notifier = away(Settings(notify=Notify.ALL, bell=False))
    assert notifier.hear([MESSAGE], 0.0).note == Note("철수", "안녕하세요")
    for number in range(5):
        alert = notifier.hear([MESSAGE], 1.0 + number / 10)
        assert alert.note is None
        assert alert.again_in_s == pytest.approx(NOTE_PAUSE_S - 1.0 - number / 10)
    assert notifier.due(NOTE_PAUSE_S) == Alert(note=Note(strings.APP_NAME, "새 메시지 5개"))
    assert notifier.due(100.0) == NOTHING


def test_one_message_that_had_to_wait_is_shown_itself() -> None:
    notifier = away()
    notifier.hear([WHISPER], 0.0)
    notifier.hear([MENTION], 0.1)
    assert notifier.due(NOTE_PAUSE_S).note == Note("철수님이 나를 불렀습니다", "영희야 안녕")


def test_those_who_come_together_are_one_note_at_once() -> None:
    assert away().hear([WHISPER] * 3, 0.0).note == Note(strings.APP_NAME, "새 귓속말 3개")
    assert away().hear([WHISPER, MENTION, MENTION], 0.0).note == Note(strings.APP_NAME, "새 메시지 3개 (귓속말 1개)")


def test_who_looks_is_not_told_what_had_to_wait() -> None:
    notifier = away()
    notifier.hear([WHISPER], 0.0)
    notifier.hear([WHISPER], 0.1)
    notifier.look()
    assert notifier.due(100.0) == NOTHING


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(0, 3)), max_size=80))
def test_no_crowd_is_louder_than_allowed_and_nobody_is_forgotten(arrivals: list[tuple[float, int]]) -> None:
    notifier, now, waits_until = away(), 0.0, None
    bells: list[float] = []
    notes: list[float] = []
    for pause, count in arrivals:
        now += pause
        alert = notifier.hear([WHISPER] * count, now)
        bells += [now] * alert.ring
        notes += [now] * (alert.note is not None)
        waits_until = None if alert.again_in_s is None else now + alert.again_in_s
    assert all(later - earlier > BELL_PAUSE_S - 1e-6 for earlier, later in pairwise(bells))
    assert all(later - earlier > NOTE_PAUSE_S - 1e-6 for earlier, later in pairwise(notes))
    assert waits_until is None or waits_until >= now
    notifier.due(now + NOTE_PAUSE_S)
    assert notifier.due(now + NOTE_PAUSE_S) == NOTHING


# --- what is said -----------------------------------------------------------------------------------------------------


@given(st.text(), st.text())
def test_note_holds_nothing_that_a_terminal_obeys(nick: str, text: str) -> None:
    note = away().hear([News(Kind.WHISPER, nick, text)], 0.0).note
    assert note is not None
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(character) for character in note.title + note.body}
    assert cell_len(note.body) <= BODY_COLUMNS


@pytest.mark.parametrize("sign", ["\x1b]0;x\x07", "\x9b31m", "\n", "\u202e", "\x1bP"])
def test_escape_sequences_in_a_message_stay_text(sign: str) -> None:
    note = away().hear([News(Kind.WHISPER, f"철수{sign}", f"앞{sign}뒤")], 0.0).note
    assert note is not None
    assert (note.title + note.body).isprintable()
    assert note.body.startswith("앞")
    assert note.body.endswith("뒤")


def test_long_message_is_cut_to_columns() -> None:
    note = away().hear([News(Kind.WHISPER, "철수", "가" * 2_000)], 0.0).note
    assert note is not None
    assert 98 <= cell_len(note.body) <= BODY_COLUMNS
    assert note.body.endswith("…")


def test_title_counts_until_its_user_looks() -> None:
    notifier = away()
    assert notifier.window_title("영희") == "속삭 — 영희"
    notifier.hear([WHISPER, MENTION, MESSAGE], 0.0)
    notifier.hear([WHISPER], 0.1)
    assert notifier.window_title("영희") == "(3) 속삭 — 영희"
    notifier.look()
    assert notifier.window_title("영희") == "속삭 — 영희"
    assert notifier.window_title("") == "속삭"
