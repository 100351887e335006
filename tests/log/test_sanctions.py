"""Sanctions are kept with the event that tells of them: both, or neither."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from server.log.sanctions import Kind, Lifted, Sanction, SanctionChange
from server.log.sqlite import SqliteStore
from server.log.store import Record, Store, StoreError
from server.protocol.events import Moderated
from tests.support.samples import AT, CHEOLSU, YOUNGHEE, record, said

DEVICE = "d" * 16
BAN = Sanction(Kind.BAN, "철수", "철수", CHEOLSU, DEVICE, "영희", AT, None)
MUTE = Sanction(Kind.MUTE, "철수", "철수", CHEOLSU, DEVICE, "영희", AT, AT + 60_000)
NETWORK = Sanction(Kind.BAN, "192.0.2.0/24", "192.0.2.0/24", "", "", "영희", AT, None)
SHORTER = replace(BAN, until_ms=AT + 5)


def moderated(seq: int, change: SanctionChange, *, at: int = AT) -> Record:
    return msgspec.structs.replace(record(Moderated(seq, at, YOUNGHEE, "영희", "ban", "철수")), sanction=change)


def keep(store: Store, *changes: SanctionChange) -> None:
    head = store.head
    store.append([moderated(head + number, change) for number, change in enumerate(changes, 1)])


def test_in_a_new_log_nobody_is_banned(store: Store) -> None:
    assert store.sanctions() == ()


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ([BAN, MUTE, NETWORK], [BAN, MUTE, NETWORK]),
        ([BAN, MUTE, SHORTER], [MUTE, SHORTER]),
        ([BAN, MUTE, Lifted(Kind.BAN, "철수")], [MUTE]),
        ([BAN, Lifted(Kind.BAN, "철수"), BAN], [BAN]),
        ([Lifted(Kind.MUTE, "nobody")], []),
    ],
)
def test_the_last_word_stands(store: Store, changes: list[SanctionChange], left: list[Sanction]) -> None:
    keep(store, *changes)
    assert list(store.sanctions()) == left


def test_they_outlive_a_restart(reopen: Callable[[], SqliteStore]) -> None:
    keep(reopen(), BAN, MUTE, NETWORK)
    assert reopen().sanctions() == (BAN, MUTE, NETWORK)


def test_what_has_ended_goes_when_something_else_changes(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    keep(store, BAN, MUTE)
    store.append([moderated(3, NETWORK, at=AT + 60_000)])
    assert store.sanctions() == (BAN, NETWORK)


def test_what_could_not_be_appended_changes_nothing(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    keep(store, BAN)
    with pytest.raises(StoreError):
        store.append([moderated(2, Lifted(Kind.BAN, "철수")), record(said(2))])
    assert store.sanctions() == reopen().sanctions() == (BAN,)
