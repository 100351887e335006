"""The rows of the search index: what is written can be asked for, and what is spoiled says so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.log.grams import grams_of, speaker_gram
from server.log.postings import BLOCK, Block, DamagedRow, offsets_in

ALL = 0xFFFF_FFFF


def rows_of(*texts: str) -> dict[str, bytes]:
    block = Block(0)
    for seq, text in enumerate(texts):
        block.add(seq, "영희", text)
    return dict(block.rows())


def test_a_range_of_characters_is_one_slice() -> None:
    row = rows_of("회의", "회사", "회의 회사", "사회", "회")["회"]
    assert offsets_in(row, ord("의"), ord("의")) == (0, 2)
    assert offsets_in(row, ord("사"), ord("의")) == (1, 2, 0, 2)
    assert offsets_in(row, 0, ord(" ")) == (3, 4)
    assert sorted(set(offsets_in(row, 0, ALL))) == [0, 1, 2, 3, 4]
    assert offsets_in(row, ord("a"), ord("z")) == ()
    assert offsets_in(row, ord("의") + 1, ALL) == ()
    assert offsets_in(row, ord("의"), ord("사")) == ()


@given(st.lists(st.text("회의사가ㅎab ", max_size=8), max_size=20))
@settings(deadline=None)
def test_every_gram_leads_to_its_messages(texts: list[str]) -> None:
    rows = rows_of(*texts)
    for gram in {gram for text in texts for gram in grams_of(text)}:
        found = offsets_in(rows[gram[:-1]], ord(gram[-1]), ord(gram[-1]))
        assert list(found) == [offset for offset, text in enumerate(texts) if gram in grams_of(text)]


def test_rows_come_in_order_and_know_who_spoke() -> None:
    block = Block(7)
    block.add(7 * BLOCK, "영희", "가")
    block.add(8 * BLOCK - 1, "철수", "가")
    rows = list(block.rows())
    assert [key for key, _ in rows] == sorted(key for key, _ in rows)
    key, number = speaker_gram("철수")
    assert offsets_in(dict(rows)[key], number, number) == (BLOCK - 1,)
    assert offsets_in(dict(rows)["가"], 0, ALL) == (0, BLOCK - 1)


def test_a_block_in_which_nobody_spoke_is_a_block() -> None:
    [(_, row)] = Block(3).rows()
    assert offsets_in(row, 0, ALL) == ()


@given(st.data())
@settings(deadline=None)
def test_a_spoiled_row_is_noticed(data: st.DataObject) -> None:
    row = bytearray(rows_of("회의", "회사", "회의록")["회"])
    place = data.draw(st.integers(0, len(row) - 1))
    row[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedRow):
        offsets_in(bytes(row), 0, ALL)


@pytest.mark.parametrize("length", [0, 3, 7, 8, 20])
def test_a_row_that_was_cut_is_noticed(length: int) -> None:
    with pytest.raises(DamagedRow):
        offsets_in(rows_of("회의", "회사", "회의록")["회"][:length], 0, ALL)
