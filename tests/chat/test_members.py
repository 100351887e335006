"""Everybody in a room, as newcomers are told: what somebody keeps never changes, and what many keep is there once."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.members import ROW, Members, Rows
from server.protocol.events import Member


def member(number: int, *, away: bool = False) -> Member:
    return Member(f"{number:016x}", f"손님{number}", away)


def rows_of(count: int) -> Rows:
    rows = Rows()
    for number in range(count):
        rows.add(member(number))
    return rows


def as_json(members: Members) -> bytes:
    return b"[%b]" % b"".join(members.encoded())


def test_a_newcomer_costs_the_bytes_of_one_row() -> None:
    rows = rows_of(3 * ROW + 1)
    before = rows.members(3 * ROW + 1).encoded()
    rows.add(member(3 * ROW + 1))
    after = rows.members(3 * ROW + 2).encoded()
    assert [one is other for one, other in zip(before, after, strict=True)] == [True] * 3 + [False]


def test_who_is_shown_otherwise_costs_the_bytes_of_one_row() -> None:
    rows = rows_of(3 * ROW)
    before = rows.members(3 * ROW).encoded()
    rows.show(ROW + 1, member(ROW + 1, away=True))
    after = rows.members(3 * ROW).encoded()
    assert [place for place in range(len(before) - 1) if before[place] is not after[place]] == [1]


def test_few_are_told_in_one_piece_however_many_rows_they_sit_in() -> None:
    rows = rows_of(3 * ROW)
    for place in range(0, 3 * ROW, 2):
        rows.show(place, None)
    assert len(rows.members(3 * ROW // 2).encoded()) == 3
    for place in range(1, 3 * ROW, 4):
        rows.show(place, None)
    assert len(rows.members(3 * ROW // 4).encoded()) == 1


def test_who_is_alone_is_told_of_nobody() -> None:
    assert as_json(rows_of(0).members(0)) == b"[]"


def test_rows_that_are_nearly_empty_are_worth_filling() -> None:
    rows = rows_of(8 * ROW)
    assert not rows.are_worth_filling(8 * ROW)
    for place in range(1, 8 * ROW):
        rows.show(place, None)
    assert rows.are_worth_filling(1)
    rows.fill([member(0)])
    assert not rows.are_worth_filling(1)
    assert rows.members(1).everybody == (member(0),)


class RowsMachine(RuleBasedStateMachine):
    """Rows of three, beside a dict of who sits where."""

    @initialize()
    def open(self) -> None:
        self.rows = Rows(places=3)
        self.count = 0
        self.seated: dict[int, Member] = {}
        self.marked = self.seated
        self.kept: list[tuple[Members, tuple[Member, ...]]] = []

    @rule()
    def come(self) -> None:
        self.count += 1
        one = member(self.count)
        place = self.rows.add(one)
        assert place not in self.seated
        self.seated = {**self.seated, place: one}

    @rule(who=st.integers(0, 50), away=st.booleans())
    def be_shown_otherwise(self, who: int, *, away: bool) -> None:
        if self.seated:
            place = list(self.seated)[who % len(self.seated)]
            one = Member(self.seated[place].uid, "새이름", away)
            self.rows.show(place, one)
            self.seated = {**self.seated, place: one}

    @rule(who=st.integers(0, 50))
    def go(self, who: int) -> None:
        if self.seated:
            place = list(self.seated)[who % len(self.seated)]
            self.rows.show(place, None)
            self.seated = {each: one for each, one in self.seated.items() if each != place}

    @rule()
    def keep(self) -> None:
        members = self.rows.members(len(self.seated))
        self.kept.append((members, members.everybody))

    @rule()
    def begin(self) -> None:
        self.rows.begin()
        if self.rows.are_worth_filling(len(self.seated)):
            self.seated = dict(enumerate(self.seated.values()))
            self.rows.fill(list(self.seated.values()))
        self.marked = self.seated

    @rule()
    def undo(self) -> None:
        self.rows.undo()
        self.seated = self.marked

    @invariant()
    def everybody_is_told_in_order(self) -> None:
        members = self.rows.members(len(self.seated))
        assert members.everybody == tuple(members) == tuple(self.seated.values())
        assert len(members) == len(self.seated)
        assert as_json(members) == msgspec.json.encode(members.everybody)

    @invariant()
    def what_was_kept_has_not_changed(self) -> None:
        for members, everybody in self.kept:
            assert members.everybody == everybody
            assert as_json(members) == msgspec.json.encode(everybody)


RowsMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
TestRows = RowsMachine.TestCase
