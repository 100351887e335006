"""The message log's bookkeeping: every row knows its entry, whatever was added, trimmed, folded and opened."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from tests.tui.logs import KST, MINUTE_MS, NOON_MS, TODAY, came, numbered, painter, said
from tui_client.entry import Entry, State
from tui_client.widgets.column import Column
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.measuring import Measure
from tui_client.widgets.rows import Rows
from tui_client.widgets.setting import PLAIN, Flow
from tui_client.widgets.transcript import Transcript

STEPS = st.lists(st.tuples(st.sampled_from(["append", "prepend", "trim", "trim_end"]), st.integers(0, 6)), max_size=30)


@given(STEPS)
def test_every_row_knows_its_entry_whatever_was_added_and_trimmed(steps: Sequence[tuple[str, int]]) -> None:
    rows, expected = Rows(lambda number: len(rows.entry(number).text)), list[Entry]()
    for number, (step, count) in enumerate(steps):
        entries = [said(number, "가" * (position % 3)) for position in range(count)]
        match step:
            case "append":
                rows.append(entries, [PLAIN] * count)
                expected = expected + entries
            case "prepend":
                rows.prepend(entries, [PLAIN] * count)
                expected = entries + expected
            case "trim":
                rows.trim(min(count, len(expected)))
                expected = expected[count:]
            case _:
                rows.trim_end(min(count, len(expected)))
                expected = expected[: max(0, len(expected) - count)]
    assert list(rows.entries) == expected
    places = [(entry, row) for entry in expected for row in range(len(entry.text))]
    found = [rows.place_of(row) for row in range(rows.top, rows.bottom)]
    assert [(rows.entry(place.entry), place.row) for place in found] == places
    assert all(rows.top_of(place.entry) + place.row == rows.top + index for index, place in enumerate(found))


def test_numbers_of_entries_outlive_what_comes_and_goes_before_them() -> None:
    rows = Rows(lambda _: 1)
    rows.append(numbered(1, 3), [PLAIN] * 3)
    rows.prepend(numbered(-1, 0), [PLAIN] * 2)
    rows.trim(3)
    assert [rows.entry(number).id for number in range(rows.first, rows.end)] == [2, 3]
    assert (rows.first, rows.end) == (1, 3)


KINDS = st.lists(st.sampled_from("말옴옴"), max_size=6)
"""Somebody speaks, or somebody comes; some ten of them make a day."""

HOLDINGS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["append", "prepend"]), KINDS),
        st.tuples(st.sampled_from(["trim", "trim_end", "trim_end", "open"]), st.integers(0, 5)),
        st.tuples(st.just("unfold"), st.booleans()),
    ),
    max_size=12,
)


@settings(max_examples=300)
@given(HOLDINGS)
def test_entries_are_set_as_if_they_had_come_in_one_by_one(steps: Sequence[tuple[str, list[str] | int]]) -> None:
    """Whatever was added and trimmed at either end; rows are those that it takes then, also where runs were opened."""
    column = Column(Measure(30), LocalTime(KST, lambda: TODAY))
    for step, what in steps:
        do(column, step, what)
    rows, flow = column.rows, Flow(LocalTime(KST, lambda: TODAY))
    numbers = range(rows.first, rows.end)
    assert [rows.top_of(number + 1) - rows.top_of(number) for number in numbers] == [*map(column._count_rows, numbers)]
    if not any(step == "open" for step, _ in steps):
        assert [rows.setting(number) for number in numbers] == [flow.set(entry) for entry in rows.entries]


def do(column: Column, step: str, what: list[str] | int) -> None:
    held = len(column.rows.entries)
    match step, what:
        case "append", list(kinds):
            begin = column.rows.entries[-1].id if held else 1000
            column.extend([entry_of(kind, begin + 1 + index) for index, kind in enumerate(kinds)])
        case "prepend", list(kinds):
            end = column.rows.entries[0].id if held else 1000
            column.prepend([entry_of(kind, end - len(kinds) + index) for index, kind in enumerate(kinds)])
        case "trim", int(count):
            column.trim(min(count, held))
        case "trim_end", int(count):
            column.trim_end(min(count, held))
        case "open", int(index) if index < held:
            column.open_run(column.rows.first + index)
        case "unfold", bool(is_unfolded):
            column.unfold(is_unfolded=is_unfolded)
        case _:
            """Nothing to open."""


def entry_of(kind: str, number: int) -> Entry:
    at_ms = NOON_MS + number * (150 * MINUTE_MS)
    return (
        said(number, "긴 이야기 " * (number % 9), at_ms=at_ms) if kind == "말" else came(number, f"손님{number}", at_ms)
    )


def transcript_of(*entries: Entry) -> Transcript:
    transcript = Transcript(painter(40))
    transcript.extend(entries)
    return transcript


def test_transcript_forgets_selected_entries_that_were_trimmed() -> None:
    transcript = transcript_of(*numbered(1, 4))
    transcript.set_pending([said(5, "아직", state=State.PENDING)])
    transcript.trim(2)
    assert transcript.selected_text(Selection(Offset(4, 0), Offset(6, 2))) == "영희> 3번"
    assert transcript.selected_text(SELECT_ALL) == "영희> 3번째 메시지\n영희> 4번째 메시지\n영희> 아직"
    assert transcript.selected_text(Selection(Offset(0, 0), Offset(3, 1))) is None


def test_what_was_selected_before_all_was_cleared_is_gone() -> None:
    transcript = transcript_of(*numbered(1, 3))
    transcript.clear()
    transcript.extend(numbered(4, 9))
    assert transcript.selected_text(Selection(Offset(0, 0), Offset(9, 2))) is None


def test_divider_belongs_to_no_text() -> None:
    transcript = transcript_of(*numbered(1, 1), said(2, "어제", at_ms=NOON_MS + 24 * 60 * MINUTE_MS))
    assert transcript.words_at(2) is None
    assert transcript.cluster_at(2, 20) == (Offset(0, 1), Offset(0, 1))
    assert transcript.selected_text(Selection(Offset(0, 0), Offset(0, 1))) == "영희> 1번째 메시지"


def test_anchor_finds_the_same_words_at_another_width() -> None:
    transcript = transcript_of(*(said(number, " ".join(f"{word}낱말" for word in range(60))) for number in range(9)))
    row = next(row for row in range(transcript.height) if (place := transcript.place_of(row)) and place == (4, 7))
    anchor = transcript.anchor(row)
    assert anchor is not None
    transcript.paint_by(painter(25))
    assert transcript.row_of(anchor) != row
    assert transcript.row_of(anchor) == transcript.rows_of(4).start + painter(25).measure.row_of(
        transcript.shown(4), anchor.character
    )
    transcript.paint_by(painter(40))
    assert transcript.row_of(anchor) == row


def test_anchor_on_a_divider_stays_on_it() -> None:
    transcript = transcript_of(*numbered(1, 3))
    anchor = transcript.anchor(0)
    assert anchor is not None
    transcript.prepend([said(0, "어제", at_ms=NOON_MS - 24 * 60 * MINUTE_MS)])
    assert transcript.row_of(anchor) == 2


def test_link_is_found_under_the_column_where_it_stands() -> None:
    transcript = transcript_of(said(1, "여기 http://a.kr 봐"))
    assert [transcript.link_at(1, column) is not None for column in (5, 12, 16, 17, 27, 28)] == [
        *(False, False, False, True, True, False)
    ]
    assert transcript.link_at(0, 17) is None
    assert transcript.link_at(9, 17) is None
