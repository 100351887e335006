"""Who is in the room after the newest event is kept with the events: a restart knows it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.log.seating import ClientOf, KeptSeat
from server.log.sqlite import SqliteStore
from server.log.store import Record, StoreError
from server.protocol.events import Event, Joined, Left, Renamed
from tests.support.samples import AT, CHEOLSU, MINSU, NICKS, YOUNGHEE, joined, left, record, records, renamed, said
from tests.support.seams import Memory


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Callable[[], SqliteStore]]:
    opened: list[SqliteStore] = []

    def open_next() -> SqliteStore:
        if opened:
            opened.pop().close()
        opened.append(SqliteStore(tmp_path / "soksak.db"))
        return opened[0]

    yield open_next
    while opened:
        opened.pop().close()


def member(uid: str) -> KeptSeat:
    return KeptSeat(uid, NICKS[uid])


def test_of_which_installation_somebody_is_is_kept_with_the_seat(reopen: Callable[[], SqliteStore]) -> None:
    reopen().append(records(joined(1), joined(2, uid=CHEOLSU)), [ClientOf(YOUNGHEE, "device")])
    reopen().append([record(Renamed(3, AT, YOUNGHEE, "영이", "영희"))])
    assert reopen().seated() == (KeptSeat(YOUNGHEE, "영이", "device"), member(CHEOLSU))
    store = reopen()
    store.append((), [ClientOf(CHEOLSU, "other")])
    store.append(records(left(4, uid=CHEOLSU), Joined(5, AT, CHEOLSU, "철수")))
    assert reopen().seated()[1] == member(CHEOLSU)


def test_in_a_new_log_nobody_has_a_seat(reopen: Callable[[], SqliteStore]) -> None:
    for store in (reopen(), Memory()):
        assert store.seated() == store.lapsed() == ()


def test_who_joined_and_has_not_left_has_a_seat_in_the_order_of_joining(reopen: Callable[[], SqliteStore]) -> None:
    reopen().append(records(joined(1, uid=MINSU), joined(2), said(3), joined(4, uid=CHEOLSU), left(5)))
    assert reopen().seated() == (member(MINSU), member(CHEOLSU))


def test_a_seat_is_known_by_its_newest_name_and_keeps_its_place(reopen: Callable[[], SqliteStore]) -> None:
    reopen().append(records(joined(1), joined(2, uid=CHEOLSU)))
    reopen().append([record(Renamed(3, AT, YOUNGHEE, "영이", "영희"))])
    assert reopen().seated() == (KeptSeat(YOUNGHEE, "영이"), member(CHEOLSU))


def test_names_may_be_swapped(reopen: Callable[[], SqliteStore]) -> None:
    first, second = Joined(1, AT, YOUNGHEE, "가"), Joined(2, AT, CHEOLSU, "나")
    swaps = [
        Renamed(3, AT, YOUNGHEE, "다", "가"),
        Renamed(4, AT, CHEOLSU, "가", "나"),
        Renamed(5, AT, YOUNGHEE, "나", "다"),
    ]
    reopen().append(records(first, second, *swaps))
    assert reopen().seated() == (KeptSeat(YOUNGHEE, "나"), KeptSeat(CHEOLSU, "가"))


def test_seats_of_plain_clients_are_told_apart(reopen: Callable[[], SqliteStore]) -> None:
    plain = Joined(2, AT, CHEOLSU, "철수")
    reopen().append([record(joined(1)), Record(plain, b"{}", is_plain=True), record(renamed(3, "x"))])
    store = reopen()
    assert (store.seated(), store.lapsed()) == ((member(YOUNGHEE),), (member(CHEOLSU),))
    store.append(records(left(4, uid=CHEOLSU, reason="lost")))
    assert reopen().lapsed() == ()


def test_one_client_may_have_two_seats(reopen: Callable[[], SqliteStore]) -> None:
    reopen().append(records(Joined(1, AT, YOUNGHEE, "영희"), Joined(2, AT, YOUNGHEE, "영희2")))
    reopen().append(records(Left(3, AT, YOUNGHEE, "영희", "quit")))
    assert reopen().seated() == (KeptSeat(YOUNGHEE, "영희2"),)


def test_of_two_under_one_name_the_newer_has_the_seat(reopen: Callable[[], SqliteStore]) -> None:
    """Which no room lets happen; if it does, nobody is to be refused for it."""
    twice = [Joined(1, AT, YOUNGHEE, "영희"), Joined(2, AT, CHEOLSU, "영희"), Joined(3, AT, MINSU, "민수")]
    reopen().append(records(*twice, Renamed(4, AT, MINSU, "영희", "민수")))
    assert reopen().seated() == (KeptSeat(MINSU, "영희"),)


def test_what_could_not_be_appended_changes_no_seat(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    store.append(records(joined(1)))
    with pytest.raises(StoreError):
        store.append(records(left(2), joined(3, uid=CHEOLSU), said(3)))
    assert store.seated() == (member(YOUNGHEE),)


_happenings = st.lists(st.tuples(st.sampled_from(["join", "leave", "rename"]), st.integers(0, 5), st.integers(0, 5)))


@settings(max_examples=30, deadline=None)
@given(_happenings)
def test_seats_are_what_the_events_say(
    tmp_path_factory: pytest.TempPathFactory, happenings: list[tuple[str, int, int]]
) -> None:
    """Against a room that is played through in memory."""
    here: dict[str, str] = {}
    events: list[Event] = []
    for what, who, other in happenings:
        nick, new, seq = f"닉{who}", f"닉{other}", len(events) + 1
        if what == "join" and nick not in here:
            here[nick] = f"{who:016x}"
            events.append(Joined(seq, AT, here[nick], nick))
        elif what == "leave" and nick in here:
            events.append(Left(seq, AT, here.pop(nick), nick, "quit"))
        elif what == "rename" and nick in here and new not in here:
            here = {new if one == nick else one: uid for one, uid in here.items()}
            events.append(Renamed(seq, AT, here[new], new, nick))
    store = SqliteStore(tmp_path_factory.mktemp("log") / "soksak.db")
    if events:
        store.append(records(*events))
    assert store.seated() == tuple(KeptSeat(uid, nick) for nick, uid in here.items())
    store.close()
