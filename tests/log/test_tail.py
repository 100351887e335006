"""The newest events, encoded once per dialect: a batch is one block for nearly everybody, a cursor reads on from anywhere."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.log.tail import LOOKED_BACK, Batch, FellBehind, Tail, encoded_for
from server.protocol.events import Event
from server.protocol.framing import Dialect
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE, batch, conversation, joined, record, said, seqs, whispered

PLENTY = 1_000_000


def a_tail(*, max_events: int = 100, max_bytes: int = PLENTY, head: int = 0) -> Tail:
    return Tail(head, max_events, max_bytes)


def read(tail: Tail, cursor: int, max_bytes: int = PLENTY) -> list[int]:
    block, reached = tail.read_after(cursor, MINSU, Dialect.JSON, max_bytes)
    found = seqs(block.split(b"\n")[:-1])
    assert reached == (found[-1] if found else max(cursor, tail.head))
    return found


# --- batches ----------------------------------------------------------------------------------------------------------

EVENTS: list[Event] = [joined(1), said(2, "가\n나"), whispered(3), said(4, uid=MINSU)]
PUBLIC_PLAIN = "영희님이 입장하셨습니다.\n영희> 가\n영희> 나\n민수> 안녕\n"


def json_of(*events: Event) -> bytes:
    return b"".join(record(event).line + b"\n" for event in events)


def test_a_batch_is_one_block_per_dialect() -> None:
    one = batch(*EVENTS)
    assert one.block_for(MINSU, Dialect.PLAIN) == PUBLIC_PLAIN.encode()
    assert one.block_for(MINSU, Dialect.JSON) == json_of(*EVENTS[:2], EVENTS[3])
    assert one.last_seq == 4


@pytest.mark.parametrize("dialect", Dialect)
def test_all_who_see_nothing_private_share_the_very_same_bytes(dialect: Dialect) -> None:
    one = batch(*EVENTS)
    assert one.block_for(MINSU, dialect) is one.block_for("somebody", dialect)


def test_the_two_ends_of_a_whisper_get_it_in_its_place() -> None:
    one = batch(*EVENTS)
    before, after = PUBLIC_PLAIN.replace("민수>", "|민수>").split("|")
    assert one.block_for(YOUNGHEE, Dialect.PLAIN) == f"{before}[귓속말 전송] 철수에게: 비밀\n{after}".encode()
    assert one.block_for(CHEOLSU, Dialect.PLAIN) == f"{before}[귓속말] 영희> 비밀\n{after}".encode()
    assert one.block_for(YOUNGHEE, Dialect.JSON) == one.block_for(CHEOLSU, Dialect.JSON) == json_of(*EVENTS)


def test_a_whisper_to_oneself_is_two_sentences_and_one_frame() -> None:
    one = batch(whispered(1, to=YOUNGHEE))
    expected = "[귓속말] 영희> 비밀\n[귓속말 전송] 영희에게: 비밀\n"
    assert one.block_for(YOUNGHEE, Dialect.PLAIN) == expected.encode()
    assert one.block_for(YOUNGHEE, Dialect.JSON) == json_of(whispered(1, to=YOUNGHEE))
    assert one.block_for(MINSU, Dialect.PLAIN) == b""


@given(st.lists(st.sampled_from(["said", "whispered", "joined"]), min_size=1, max_size=8), st.sampled_from(Dialect))
@settings(deadline=None)
def test_a_batch_is_what_its_entries_are(kinds: list[str], dialect: Dialect) -> None:
    make: dict[str, Callable[[int], Event]] = {"said": said, "whispered": whispered, "joined": joined}
    one = batch(*(make[kind](seq) for seq, kind in enumerate(kinds, 1)))
    for viewer in (YOUNGHEE, CHEOLSU, MINSU):
        whole = b"".join(encoded_for(viewer, dialect, each) for each in one.records)
        assert one.block_for(viewer, dialect) == whole
        assert read_in_pieces(one, viewer, dialect, max_bytes=1) == whole


def read_in_pieces(one: Batch, viewer: str, dialect: Dialect, max_bytes: int) -> bytes:
    block, cursor = b"", 0
    while cursor < one.last_seq:
        piece, cursor = one.read_after(cursor, viewer, dialect, max_bytes)
        block += piece
    return block


@pytest.mark.parametrize("dialect", Dialect)
def test_a_cursor_within_a_batch_reads_on_from_there(dialect: Dialect) -> None:
    one = batch(*EVENTS)
    for cursor in range(4):
        rest = b"".join(encoded_for(MINSU, dialect, each) for each in one.records[cursor:])
        assert one.read_after(cursor, MINSU, dialect, PLENTY) == (rest, 4)


def test_what_is_private_is_read_in_pieces_and_what_is_not_is_never_copied() -> None:
    one = batch(*EVENTS)
    assert one.read_after(0, YOUNGHEE, Dialect.JSON, 1) == (json_of(EVENTS[0]), 1)
    block, cursor = one.read_after(0, MINSU, Dialect.JSON, 1)
    assert block is one.block_for(MINSU, Dialect.JSON)
    assert cursor == 4


def test_a_strangers_whisper_is_nothing() -> None:
    secret = record(whispered(1))
    assert encoded_for(MINSU, Dialect.JSON, secret) == encoded_for(MINSU, Dialect.PLAIN, secret) == b""


# --- the tail ---------------------------------------------------------------------------------------------------------


def test_an_empty_tail_has_nothing_above_the_head() -> None:
    tail = a_tail(head=7)
    assert read(tail, 7) == read(tail, 8) == []
    with pytest.raises(FellBehind) as fell:
        read(tail, 6)
    assert fell.value.reaches_back_to == 7


def test_a_cursor_reads_on_from_anywhere() -> None:
    tail = a_tail(head=3)
    tail.append(Batch(conversation(4, 5)))
    tail.append(Batch(conversation(6, 9)))
    assert tail.head == 9
    assert [read(tail, cursor) for cursor in (3, 5, 7, 9)] == [[4, 5, 6, 7, 8, 9], [6, 7, 8, 9], [8, 9], []]


def test_a_cursor_before_the_oldest_fell_behind() -> None:
    tail = a_tail(head=3)
    tail.append(Batch(conversation(4, 5)))
    with pytest.raises(FellBehind) as fell:
        read(tail, 2)
    assert fell.value.reaches_back_to == 3
    assert read(tail, fell.value.reaches_back_to) == [4, 5]


def test_about_as_much_is_read_as_was_asked_for_and_never_nothing() -> None:
    tail = a_tail()
    for seq in range(1, 10):
        tail.append(batch(said(seq)))
    size = len(json_of(said(1)))
    assert read(tail, 0, 1) == [1]
    assert read(tail, 0, 3 * size) == [1, 2, 3]
    assert read(tail, 0, 3 * size + 1) == [1, 2, 3, 4]


def test_all_of_the_tail_is_read_in_the_end_whatever_the_viewer_may_see_of_it() -> None:
    tail = a_tail()
    for seq in range(1, 50):
        tail.append(batch(whispered(seq)))
    cursor = 0
    while cursor < tail.head:
        block, reached = tail.read_after(cursor, MINSU, Dialect.PLAIN, 100)
        assert (block, reached > cursor) == (b"", True)
        cursor = reached


def held(tail: Tail) -> list[int]:
    """All that is in the tail."""
    try:
        return read(tail, 0)
    except FellBehind as fell:
        return read(tail, fell.reaches_back_to)


@pytest.mark.parametrize("batch_size", [1, 3, 10])
def test_the_tail_keeps_the_newest_and_is_bounded_by_number(batch_size: int) -> None:
    tail = a_tail(max_events=20)
    for first in range(1, 200, batch_size):
        tail.append(Batch(conversation(first, first + batch_size - 1)))
        kept = held(tail)
        assert kept == list(range(kept[0], tail.head + 1))
        assert min(tail.head, 20) <= len(kept) <= 40


def test_the_tail_is_bounded_by_bytes() -> None:
    tail = a_tail(max_bytes=10_000)
    for seq in range(1, 300):
        tail.append(batch(said(seq, "가" * 200)))
        blocks = [tail.read_after(held(tail)[0] - 1, MINSU, dialect, PLENTY) for dialect in Dialect]
        assert sum(len(block) for block, _ in blocks) <= 20_000
        assert [reached for _, reached in blocks] == [seq, seq]
    assert len(held(tail)) > 5


def test_whispers_count_for_their_bytes_too() -> None:
    tail = a_tail(max_bytes=10_000)
    for seq in range(1, 200):
        tail.append(batch(whispered(seq, "가" * 200)))
    with pytest.raises(FellBehind) as fell:
        tail.check_reach(0)
    assert 199 - fell.value.reaches_back_to < 40


# --- where a newcomer begins ------------------------------------------------------------------------------------------


def test_the_newest_that_one_may_see_begin_where_they_begin_in_the_log() -> None:
    tail = a_tail()
    tail.append(batch(said(1), said(2), whispered(3), said(4), said(5)))
    assert [tail.start_of_last(2, head, MINSU) for head in (2, 4, 5)] == [1, 2, 4]
    assert tail.start_of_last(2, 4, CHEOLSU) == 3  # the whisper is theirs


@pytest.mark.parametrize("count", [0, 3])
def test_what_begins_before_the_tail_or_nowhere_is_not_known_to_it(count: int) -> None:
    tail = a_tail(head=7)
    tail.append(batch(said(8), said(9)))
    with pytest.raises(FellBehind):
        tail.start_of_last(count, 9, MINSU)


def test_nobody_waits_while_other_peoples_whispers_are_passed_over() -> None:
    tail = a_tail()
    tail.append(batch(said(1), *(whispered(seq) for seq in range(2, 2 + LOOKED_BACK))))
    with pytest.raises(FellBehind):
        tail.start_of_last(1, 1 + LOOKED_BACK, MINSU)
