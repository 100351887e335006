"""What the palette offers: how it is found by typing, and what there is to choose among the settings. Pure."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from msgspec import Struct

from tui_client import strings
from tui_client.korean.hangul import compose
from tui_client.korean.matching import Fit, Rank, fit
from tui_client.settings import Settings, Value

_ELSEWHERE: Final = Rank.INSIDE + 1
"""How well something fits that is not found by its title: worse than anything in one."""


class Choice(Struct, frozen=True):
    """Something that can be done. `run` is called once the palette is closed."""

    title: str
    about: str
    """One short sentence, shown where there is room."""
    run: Callable[[], None]
    keys: str = ""
    """What does the same without the palette: a key or a command."""
    words: tuple[str, ...] = ()
    """By what else it is found."""
    is_current: bool = False
    """Whether it is how things are now."""


class Found(Struct, frozen=True):
    """A choice that fits what was typed: how well, and which parts of its title were meant."""

    rank: int
    choice: Choice
    spans: tuple[tuple[int, int], ...] = ()


def find(typed: str, choices: Sequence[Choice]) -> Sequence[Found]:
    """The choices that fit every word of `typed`, the best first; all of them while nothing is typed."""
    words = unicodedata.normalize("NFC", typed).split()
    found = [fitting for choice in choices if (fitting := _found(words, choice)) is not None]
    return sorted(found, key=lambda one: one.rank)


def _found(words: Sequence[str], choice: Choice) -> Found | None:
    rank, spans = 0, []
    for word in words:
        fitting = _best_fit(word, choice.title)
        if fitting is not None:
            rank += fitting.rank
            spans.append((fitting.start, fitting.end))
        elif any(_best_fit(word, other) for other in choice.words) or word.casefold() in choice.about.casefold():
            rank += _ELSEWHERE
        else:
            return None
    return Found(rank, choice, tuple(spans))


def _best_fit(word: str, title: str) -> Fit | None:
    """As it is written, with blanks or without them, or as it would stand here in Hangul mode: `xa` is `ㅌㅁ`."""
    places = [at for at, character in enumerate(title) if not character.isspace()]
    squeezed = "".join(title[at] for at in places)
    fits = []
    for reading in {word, compose(word)}:
        if found := fit(reading, title):
            fits.append(found)
        if found := fit(reading, squeezed):
            fits.append(Fit(found.rank, places[found.start], places[found.end - 1] + 1))
    return min(fits, key=lambda one: (one.rank, one.start), default=None)


# --- settings ---------------------------------------------------------------------------------------------------------


def setting_choices(settings: Settings, change: Callable[[str, Value], None]) -> Sequence[Choice]:
    """Every value that a setting may have, but for themes, which are chosen by looking. `change` gets key and value."""
    return [
        Choice(
            f"{strings.SETTING_TITLES[key]}: {title}",
            about,
            partial(change, key, value),
            words=(key, strings.SETTING_WORD),
            is_current=getattr(settings, key) == value,
        )
        for key, value, title, about in strings.SETTING_CHOICES
    ]
