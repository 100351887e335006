"""What was changed is undone, whatever it was."""

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from server.journal import Journal

changes = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.none() | st.integers(0, 9)))
"""In which dict, at which key, what is put; None: it is dropped."""


def apply(journal: Journal, dicts: dict[str, dict[str, int]], which: str, key: str, value: int | None) -> None:
    if value is None:
        journal.drop(dicts[which], key)
    else:
        journal.put(dicts[which], key, value)


@given(changes, changes)
def test_everything_is_as_it_was_at_the_beginning(
    before: list[tuple[str, str, int | None]], after: list[tuple[str, str, int | None]]
) -> None:
    journal, dicts = Journal(), {"a": dict[str, int](), "b": dict[str, int]()}
    for change in before:
        apply(journal, dicts, *change)
    then = {name: one.copy() for name, one in dicts.items()}
    journal.begin()
    for change in after:
        apply(journal, dicts, *change)
    journal.undo()
    assert dicts == then


def test_the_last_change_is_undone_first() -> None:
    journal, undone = Journal(), list[int]()
    for number in range(3):
        journal.note(partial(undone.append, number))
    journal.undo()
    assert undone == [2, 1, 0]


def test_what_was_undone_is_not_undone_again() -> None:
    journal, entries = Journal(), {"x": 1}
    journal.put(entries, "x", 2)
    journal.undo()
    entries["x"] = 3
    journal.undo()
    assert entries == {"x": 3}
