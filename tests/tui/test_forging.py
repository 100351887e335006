"""No text and no nickname makes a row, or a line, that reads as if the room, the program or somebody else had said it."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from server.protocol.events import Event, Joined, Left, Renamed, Said, Whispered
from tests.protocol.test_forging import Meaning, any_nicks, any_texts, forged_texts, read
from tests.support.samples import AT, CHEOLSU, YOUNGHEE
from tests.tui.logs import painter
from tui_client.drawing import Drawing
from tui_client.entry import Entry, Move, Presence
from tui_client.folding import fold
from tui_client.line.chat import _lines
from tui_client.widgets.measuring import MIN_COLUMNS_WITH_TIME, SHORT_INDENT, TIME_COLUMNS
from tui_client.widgets.setting import PLAIN, SAME_MINUTE, SAME_SPEAKER, Setting

WIDTHS = st.sampled_from([8, 12, 20, 29, 30, 31, 40, 60, 80, 120, 200])
SETTINGS = st.sampled_from([PLAIN, SAME_SPEAKER, SAME_MINUTE])


def entries(event: Event, viewer: str) -> Sequence[Entry]:
    drawing = Drawing()
    drawing.uid = viewer
    return list(drawing.of_event(event))


def rows(entry: Entry, columns: int, setting: Setting = PLAIN) -> list[tuple[str, str]]:
    """What stands in the column of times, and what right of it."""
    left = TIME_COLUMNS if columns >= MIN_COLUMNS_WITH_TIME else 0
    drawn = [strip.text for strip in painter(columns).paint(entry, setting)]
    assert all(cell_len(row) == columns for row in drawn)
    return [(row[:left], row[left:]) for row in drawn]


@given(any_nicks, any_nicks, any_texts, WIDTHS, SETTINGS)
@settings(deadline=None, max_examples=300)
def test_what_somebody_says_begins_with_who_says_it_and_is_moved_in_from_there(
    nick: str, other: str, text: str, columns: int, setting: Setting
) -> None:
    """Whatever the width: a row that begins at the edge is a label, and every other one stands clear of it."""
    spoken = [
        *entries(Said(1, AT, YOUNGHEE, nick, text), CHEOLSU),
        *entries(Whispered(1, AT, YOUNGHEE, nick, CHEOLSU, other, text), CHEOLSU),
        *entries(Whispered(1, AT, YOUNGHEE, nick, CHEOLSU, other, text), YOUNGHEE),
    ]
    for entry in spoken:
        [(_, first), *more] = rows(entry, columns, setting)
        shown = min(len(entry.label), len(first.rstrip()))
        assert first[:shown] == entry.label[:shown]
        assert entry.label.rstrip()
        assert [(time, row) for time, row in more if time.strip() or row[:SHORT_INDENT].strip()] == []


@given(any_nicks, any_nicks, forged_texts, st.sampled_from([30, 40, 80, 120]))
@settings(deadline=None)
def test_what_the_room_and_the_program_say_has_its_time(nick: str, other: str, text: str, columns: int) -> None:
    """So that it is told from a message's rows, which have one only beside the label."""
    told = [
        *entries(Joined(1, AT, YOUNGHEE, nick), CHEOLSU),
        *entries(Left(1, AT, YOUNGHEE, nick, "quit"), CHEOLSU),
        *entries(Renamed(1, AT, YOUNGHEE, nick, other), CHEOLSU),
        Drawing().notice("알림", AT),
        Drawing().error("오류", AT),
    ]
    for entry in told:
        time, row = rows(entry, columns)[0]
        assert time.strip()
        assert not row.startswith(" ")
        assert ">" not in entry.text
        assert "[" not in entry.text


@given(
    st.lists(
        st.tuples(st.sampled_from([Move.JOINED, Move.LEFT]), any_nicks, st.sampled_from("abc")), min_size=1, max_size=9
    )
)
@settings(deadline=None)
def test_who_comes_and_goes_says_nothing_by_it(moves: list[tuple[Move, str, str]]) -> None:
    told = fold([Presence(move, nick, uid=uid) for move, nick, uid in moves])
    assert not {">", "[", "\n"} & set(told)


@given(any_nicks, any_nicks, any_texts)
@settings(deadline=None, max_examples=300)
def test_by_lines_each_line_says_who_did_what_and_nothing_else(nick: str, other: str, text: str) -> None:
    texts = text.split("\n")
    whisper = Whispered(1, AT, YOUNGHEE, nick, CHEOLSU, other, text)
    expected: list[tuple[Event, str, list[Meaning]]] = [
        (Said(1, AT, YOUNGHEE, nick, text), CHEOLSU, [("said", nick, line) for line in texts]),
        (whisper, CHEOLSU, [("whisper", nick, line) for line in texts]),
        (whisper, YOUNGHEE, [("whispered", other, line) for line in texts]),
        (Joined(1, AT, YOUNGHEE, nick), CHEOLSU, [("joined", nick)]),
        (Left(1, AT, YOUNGHEE, nick, "quit"), CHEOLSU, [("left", nick)]),
        (Renamed(1, AT, YOUNGHEE, nick, other), CHEOLSU, [("renamed", other, nick)]),
    ]
    for event, viewer, meanings in expected:
        lines = [line for entry in entries(event, viewer) for line in _lines(entry)]
        assert [read(line) for line in lines] == meanings


@pytest.mark.parametrize("columns", range(8, 121))
def test_a_notice_that_is_pushed_to_the_edge_with_blanks_stays_inside(columns: int) -> None:
    """As if the writer knew the reader's width."""
    for pushed in range(columns - 3, columns + 3):
        [entry] = entries(Said(1, AT, YOUNGHEE, "a", "x" * pushed + "[알림] 서버를 끕니다."), CHEOLSU)
        assert not any(row.startswith("[알림]") for _, row in rows(entry, columns))
