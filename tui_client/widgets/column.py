"""Entries one below the other, each set as its place demands, comings and goings in a row folded into one. No widget.

Every entry keeps its number, whether it is shown or folded: a folded run is told by its first entry, and the others take no row.
"""

from collections.abc import Iterable, Sequence
from copy import copy

from msgspec.structs import replace
from textual.cache import LRUCache

from tui_client import strings
from tui_client.entry import Entry
from tui_client.folding import are_strangers, fold
from tui_client.widgets.local_time import LocalTime
from tui_client.widgets.measuring import Measure
from tui_client.widgets.rows import Rows
from tui_client.widgets.setting import MAX_FOLDED, PLAIN, Flow, Run, Setting, group

_KEPT_FOLDS = 512
"""Folded runs that are kept told: more than are ever on the screen."""

_A_PAIR = 2


class Column:
    """Entries numbered from `first` on, laid out by `measure`, which is changed with the width."""

    def __init__(self, measure: Measure, local_time: LocalTime, first: int = 0) -> None:
        self.rows = Rows(self._count_rows, first)
        self._measure = measure
        self._local_time = local_time
        self.flow = Flow(local_time)
        """What the next entry follows."""
        self._is_unfolded = False
        self._told: LRUCache[tuple[int, int], Entry] = LRUCache(_KEPT_FOLDS)
        """By the first entry's number and how many there are: neither changes without the other."""

    # --- what is held -------------------------------------------------------------------------------------------------

    def extend(self, entries: Sequence[Entry], first_unread: int | None = None) -> None:
        """Append `entries`; the one with the index `first_unread` is the first that nobody has read."""
        if not entries:
            return
        settings = [self.flow.set(entry, first_unread=index == first_unread) for index, entry in enumerate(entries)]
        run = self._head_of(self.rows.end - 1) if settings[0].folded else None
        self.rows.append(entries, settings)
        if run is not None:
            self.rows.count_from(run)

    def prepend(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        flow = Flow(self._local_time)
        settings = [flow.set(entry) for entry in entries]
        if self.rows.entries:
            self._join(flow)
            self.rows.prepend(entries, settings, recounted=self._at_first())
            self.flow.run = self._run_at_end()
        else:
            self.flow = flow
            self.rows.prepend(entries, settings)

    def _join(self, flow: Flow) -> None:
        """Set the first entry as one that follows what `flow` has seen."""
        first, above = self.rows.first, flow.run
        old = self.rows.setting(first)
        setting = flow.set(self.rows.entry(first), first_unread=old.is_first_unread)
        if setting.folded:
            length = self._run_length(first)
            if old.is_open or not above.takes(length, self.rows.entry(first + length - 1).at_ms):
                setting = PLAIN._replace(is_open=old.is_open)
        self.rows.set(first, setting)

    def _at_first(self) -> int:
        """How many of the first entries are shown otherwise when what is above the first one changes."""
        return min(_A_PAIR, len(self.rows))

    def trim(self, count: int) -> None:
        """Forget the oldest `count` entries."""
        self.rows.trim(count)
        if not self.rows.entries:
            self.flow = Flow(self._local_time)
            return
        first = self.rows.first
        old, day = self.rows.setting(first), self._local_time.day(self.rows.entry(first).at_ms)
        self.rows.set(first, Setting(day, old.is_first_unread, is_open=old.is_open))
        self.rows.recount_first(self._at_first())
        self.flow.run = self._run_at_end()

    def trim_end(self, count: int) -> None:
        """Forget the newest `count` entries."""
        self.rows.trim_end(count)
        if not self.rows.entries:
            self.flow = Flow(self._local_time)
            return
        last = self.rows.end - 1
        head = self._head_of(last)
        self.flow.resume(self.rows.entry(last), self._run_at_end(), is_open=self.rows.setting(head).is_open)
        self.rows.count_from(head)

    def replace(self, entries: Sequence[Entry], above: "Column") -> None:
        """Hold `entries` and nothing else, as what follows the column `above`."""
        self.flow = copy(above.flow)
        self.rows.clear()
        self.extend(entries)

    def follow(self, above: "Column") -> None:
        """The column `above` has other entries now: hold the same ones, set as what follows it."""
        self.flow = copy(above.flow)
        for number, entry in enumerate(self.rows.entries, self.rows.first):
            self.rows.set(number, self.flow.set(entry))
        self.rows.recount()

    def clear(self) -> None:
        self.rows.clear()
        self.flow = Flow(self._local_time)

    # --- how it is shown ----------------------------------------------------------------------------------------------

    def measure_by(self, measure: Measure) -> None:
        """Lay everything out anew."""
        self._measure = measure
        self.rows.recount()

    def unfold(self, *, is_unfolded: bool) -> None:
        """Show comings and goings one by one, or folded."""
        self._is_unfolded = is_unfolded
        self.rows.recount_some(
            number for number, entry in enumerate(self.rows.entries, self.rows.first) if entry.change is not None
        )

    def open_run(self, number: int) -> None:
        """Show the run that entry `number` is one of one by one; if it is shown so, fold it."""
        if not self.is_run(number):
            return
        head = self._head_of(number)
        run = range(head, head + self._run_length(head))
        is_open = not self.rows.setting(head).is_open
        for one in run:
            self.rows.set(one, self.rows.setting(one)._replace(is_open=is_open))
        if run.stop == self.rows.end:
            self.flow.is_open = is_open
        self.rows.recount_some(run)

    def part_reading(self, number: int, *, is_unread: bool) -> None:
        """Put the divider that says where reading stopped above entry `number`, or take it away."""
        setting = self.rows.setting(number)._replace(is_first_unread=is_unread, same_speaker=False, same_minute=False)
        if not setting.dividers and number > self.rows.first:
            setting = group(self.rows.entry(number - 1), self.rows.entry(number))
        self.rows.set(number, setting)
        self.rows.recount_some((number,))

    def is_run(self, number: int) -> bool:
        """Whether entry `number` is one of some comings and goings that fold into one row."""
        head = self._head_of(number)
        return self._run_length(head) > 1 and not self._stand_apart(head)

    def tells_run(self, number: int) -> bool:
        """Whether entry `number` tells of others too, since they are folded."""
        setting = self.rows.setting(number)
        return not setting.folded and self._folds(setting) and self.is_run(number)

    def is_hidden(self, number: int) -> bool:
        setting = self.rows.setting(number)
        return setting.folded and self._folds(setting) and not self._stand_apart(number - 1)

    def teller_of(self, number: int) -> int:
        """The entry in whose rows entry `number` is shown: itself, if it isn't folded."""
        return self._head_of(number) if self.is_hidden(number) else number

    def shown(self, number: int) -> Entry:
        """Entry `number` in the words that are shown."""
        entry = self.rows.entry(number)
        if entry.change is None or not self.tells_run(number):
            return entry
        key = (number, self._run_length(number))
        told = self._told.get(key)
        if told is None:
            told = self._told[key] = replace(entry, text=self._tell(range(number, sum(key))))
        return told

    def _tell(self, run: range) -> str:
        """What a run comes to. Its row stands under the time of the first, and names that of the last if it is another."""
        entries = [self.rows.entry(number) for number in run]
        told = fold([entry.change for entry in entries if entry.change is not None])
        began, ended = (self._local_time.clock_text(entry.at_ms) for entry in (entries[0], entries[-1]))
        return told if began == ended else strings.told_until(told, ended)

    def numbered(self, first: int, last: int) -> Iterable[tuple[int, Entry]]:
        """What is shown of the entries numbered `first` to `last`, both included, that are still here."""
        for number in range(max(first, self.rows.first), min(last + 1, self.rows.end)):
            if not self.is_hidden(number):
                yield number, self.shown(number)

    def _count_rows(self, number: int) -> int:
        if self.is_hidden(number):
            return 0
        return self.rows.setting(number).dividers + self._measure.count_rows(self.shown(number))

    def _folds(self, setting: Setting) -> bool:
        return not (self._is_unfolded or setting.is_open)

    def _stand_apart(self, head: int) -> bool:
        """Whether a run is of two who have nothing to do with each other, at different times.

        One row would be too long for what it told of them: each has one, with the right time, until a third one comes.
        """
        if self.rows.setting(head).folded or self._run_length(head, most=_A_PAIR + 1) != _A_PAIR:
            return False
        entries = [self.rows.entry(number) for number in (head, head + 1)]
        began, ended = (self._local_time.clock_text(entry.at_ms) for entry in entries)
        return began != ended and are_strangers([entry.change for entry in entries if entry.change is not None])

    # --- runs of comings and goings -----------------------------------------------------------------------------------

    def _head_of(self, number: int) -> int:
        while self.rows.setting(number).folded:
            number -= 1
        return number

    def _run_length(self, head: int, most: int = MAX_FOLDED) -> int:
        """How many entries from `head` on fold into one row; no more than `most` are counted."""
        end = head + 1
        while end < min(self.rows.end, head + most) and self.rows.setting(end).folded:
            end += 1
        return end - head

    def _run_at_end(self) -> Run:
        last = self.rows.end - 1
        if self.rows.entry(last).change is None:
            return Run()
        head = self._head_of(last)
        return Run(last - head + 1, self.rows.entry(head).at_ms)
