"""Registered nicknames are kept with the events: all of a round, or nothing."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from server.log.names import NameChange, Registration, Released
from server.log.sqlite import SqliteStore
from server.log.store import Store, StoreError
from tests.support.samples import AT, CHEOLSU, YOUNGHEE, joined, records, said

YOUNG = Registration("영희", "영희", YOUNGHEE, AT, AT)
KIM = Registration("kim", "Kim", CHEOLSU, AT + 1, AT + 1)
LATER = Registration("영희", "영희", YOUNGHEE, AT, AT + 9)


def test_in_a_new_log_nothing_is_registered(store: Store) -> None:
    assert store.registered() == ()


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ([YOUNG, KIM], {YOUNG, KIM}),
        ([KIM, YOUNG, LATER], {KIM, LATER}),
        ([YOUNG, KIM, Released("kim")], {YOUNG}),
        ([YOUNG, Released("영희"), YOUNG], {YOUNG}),
        ([Released("nobody")], set()),
    ],
)
def test_changes_are_kept_in_their_order(store: Store, changes: list[NameChange], left: set[Registration]) -> None:
    store.append(records(joined(1)), changes)
    assert set(store.registered()) == left


def test_a_change_alone_gives_no_event(store: Store) -> None:
    store.append(records(joined(1)))
    store.append((), [YOUNG])
    assert (store.head, store.registered()) == (1, (YOUNG,))
    store.append(records(said(2)))
    assert store.head == 2


def test_a_restart_knows_them(reopen: Callable[[], SqliteStore]) -> None:
    reopen().append((), [YOUNG, KIM])
    reopen().append((), [LATER])
    assert set(reopen().registered()) == {LATER, KIM}


def test_what_is_not_committed_is_not_registered(reopen: Callable[[], SqliteStore]) -> None:
    store = reopen()
    store.append(records(joined(1)))
    with pytest.raises(StoreError):
        store.append(records(joined(1)), [YOUNG])
    assert store.registered() == reopen().registered() == ()


def test_nor_is_anything_said_without_it(path: Path, reopen: Callable[[], SqliteStore]) -> None:
    """Whatever is wrong with the change: here the table does not take it."""
    store = reopen()
    with closing(sqlite3.connect(path)) as shell:
        shell.execute("CREATE TRIGGER refuse BEFORE INSERT ON registered BEGIN SELECT raise(ABORT, 'no'); END")
    with pytest.raises(StoreError):
        store.append(records(joined(1)), [YOUNG])
    assert (store.head, reopen().head) == (0, 0)
