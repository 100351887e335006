"""What of a long text is shown on one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_client.widgets.excerpts import cut_around, window, with_gaps
from tui_client.wrapping import Span


def around(text: str, word: str, columns: int) -> str:
    start = text.find(word)
    return with_gaps(text, [window(text, Span(start, start + len(word)), columns)])


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("짧은 회의", 9, "짧은 회의"),
        ("회의는 길어지고 또 길어진다", 12, "회의는 길어…"),
        ("앞에 말이 많고 나서 회의를 한다고 했다", 20, "…나서 회의를 한다고…"),
        ("앞에 말이 많고 나서야 회의를 한다고 했다", 20, "…회의를 한다고 했다"),
        ("앞에 말이 많고 나서야 회의", 20, "…많고 나서야 회의"),
        ("앞에말이많고나서야회의", 10, "…서야회의"),
        ("없다는 말은 처음부터", 10, "없다는 말…"),
    ],
)
def test_excerpt_has_what_matters_in_it_and_begins_with_a_word(text: str, columns: int, shown: str) -> None:
    assert around(text, "회의", columns) == shown


@given(st.text("가나 ab👨‍👩‍👧é", max_size=40), st.integers(0, 40), st.integers(0, 5), st.integers(3, 30))
def test_excerpt_always_fits(text: str, start: int, length: int, columns: int) -> None:
    place = Span(min(start, len(text)), min(start + length, len(text)))
    shown = window(text, place, columns)
    assert cell_len(with_gaps(text, [shown])) <= columns
    if cell_len(text[slice(*place)]) <= columns - 4:  # a cluster may be as wide as two columns
        assert shown.start <= place.start <= place.end <= shown.end
    assert cell_len(with_gaps(text, cut_around(text, columns, place))) <= columns


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (40, "https://a.example/one/two/three"),
        (24, "https://a.example…/three"),
        (20, "https://a.example…ee"),
        (18, "https://a.example…"),
        (16, "…a.example/one/…"),
        (8, "…xample…"),
    ],
)
def test_address_is_cut_where_it_matters_least(columns: int, shown: str) -> None:
    url = "https://a.example/one/two/three"
    assert with_gaps(url, cut_around(url, columns, Span(8, 17))) == shown
