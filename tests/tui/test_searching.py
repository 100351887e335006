"""What is asked of the room's past, in which order, and what becomes of the answers."""

from collections.abc import Iterable, Sequence
from itertools import count

import pytest

from server.protocol.errors import Refusal
from server.protocol.events import Event, HistoryPage, ReadHistory, Refused, Said, Search
from tui_client.commands import parse
from tui_client.intents import Search as SearchCommand
from tui_client.searching import HITS_PAGE, HitSearch, Question, read_question
from tui_client.surroundings import AROUND, Newer, Older, Opened, Surroundings

WORDS, OTHERS = Question("회의"), Question("자료")


def said(seq: int, text: str = "회의") -> Said:
    return Said(seq, 1_000 * seq, "a" * 16, "철수", text)


def page(
    frame: Search | ReadHistory | None, seqs: Iterable[int], *, more: bool = False, before: int | None = None
) -> HistoryPage:
    """The answer to `frame`: these events, oldest first."""
    assert frame is not None
    return HistoryPage(frame.id, tuple(map(said, sorted(seqs))), more, before)


def refusal_of(frame: Search | ReadHistory | None) -> Refused:
    assert frame is not None
    return Refused("too_long", "너무\n깁니다", id=frame.id)


def seqs(events: Sequence[Event]) -> list[int]:
    return [event.seq for event in events]


# --- what is meant ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words", "nick"),
    [
        ("", "", ""),
        ("   ", "", ""),
        (" 회의 자료 ", "회의 자료", ""),
        ("@철수 회의 자료", "회의 자료", "철수"),
        ("＠철수   회의", "회의", "철수"),
        ("@철수", "", "철수"),
        ("@철수 ", "", "철수"),
        ("철수: 회의", "회의", "철수"),
        ("철수> 회의", "회의", "철수"),
        ("CHEOL: 회의", "회의", "CHEOL"),
        ("시간: 3시", "시간: 3시", ""),
        ("철수:회의", "철수:회의", ""),
        ("https://example.com 회의", "https://example.com 회의", ""),
        ("@example.com", "@example.com", ""),
        ("@", "@", ""),
        ("﹫철수 회의", "회의", "철수"),
        ("@@철수", "@철수", ""),
        ("＠@철수 회의", "@철수 회의", ""),
        ("@@@", "@@", ""),
        ("\u1112\u116c\u110b\u1174", "회의", ""),
    ],
)
def test_typed_line_means_words_and_perhaps_a_person(typed: str, words: str, nick: str) -> None:
    assert read_question(typed, ["철수", "cheol"]) == Question(words, nick)


@pytest.mark.parametrize(
    ("command", "words", "nick"),
    [
        ("/찾기 회의", "회의", ""),
        ("/찾기 @철수", "", "철수"),
        ("/찾기 @철수 회의", "회의", "철수"),
        ("/찾기 @@철수", "@철수", ""),
        ("/찾기 ＠@철수", "@철수", ""),
        ("/찾기 @@@철수", "@@철수", ""),
        ("/찾기 @", "", ""),
    ],
)
def test_command_means_in_the_line_what_it_said(command: str, words: str, nick: str) -> None:
    meant = parse(command)
    assert isinstance(meant, SearchCommand)
    assert read_question(meant.line) == Question(words, nick)


def test_too_many_words_are_refused_before_anything_is_asked() -> None:
    with pytest.raises(Refusal):
        read_question("@철수 " + "가" * 101)


# --- hits -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def search() -> HitSearch:
    ids = count(7)
    return HitSearch(lambda: next(ids))


def test_hits_are_newest_first_and_carry_their_question(search: HitSearch) -> None:
    frame = search.ask(Question("회의", "철수"))
    assert frame == Search(7, "회의", "철수", None, HITS_PAGE)
    assert search.is_waiting
    assert search.take(page(frame, [2, 5, 9])) is None
    assert (seqs(search.hits), search.answered, search.is_waiting) == ([9, 5, 2], Question("회의", "철수"), False)


def test_only_the_newest_of_what_is_typed_meanwhile_is_asked(search: HitSearch) -> None:
    first = search.ask(Question("회"))
    assert search.ask(Question("회으")) is None
    assert search.ask(WORDS) is None
    second = search.take(page(first, [1]))
    assert second is not None
    assert second.query == "회의"
    assert search.hits == (), "the answer to what is no longer asked"


def test_old_hits_stay_until_the_new_ones_come(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [3]))
    frame = search.ask(OTHERS)
    assert (seqs(search.hits), search.answered, search.is_answered) == ([3], WORDS, False)
    search.take(page(frame, [4]))
    assert (seqs(search.hits), search.answered, search.is_answered) == ([4], OTHERS, True)


def test_what_was_typed_away_and_back_is_not_asked_twice(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [3]))
    frame = search.ask(OTHERS)
    assert search.ask(WORDS) is None
    assert search.take(page(frame, [4])) is None
    assert seqs(search.hits) == [3]


def test_what_was_answered_is_asked_anew_and_the_hits_stay_until_that_is_answered(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [3, 6], more=True))
    begun = search.answers
    assert search.ask(WORDS) is None
    frame = search.ask(WORDS, anew=True)
    assert frame is not None
    assert (frame.query, frame.before) == ("회의", None)
    assert (seqs(search.hits), search.is_waiting, search.answers) == ([6, 3], True, begun)
    assert search.ask_older() is None
    assert search.take(page(frame, [3, 6, 9])) is None
    assert (seqs(search.hits), search.is_waiting, search.answers) == ([9, 6, 3], False, begun + 1)
    assert search.ask(WORDS) is None


def test_older_hits_that_come_after_it_was_asked_anew_are_dropped(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [6], more=True))
    older = search.ask_older()
    assert search.ask(WORDS, anew=True) is None, "one question is on its way at a time"
    again = search.take(page(older, [3]))
    assert seqs(search.hits) == [6]
    search.take(page(again, [6, 9]))
    assert seqs(search.hits) == [9, 6]


def test_refused_question_can_be_asked_anew(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [3]))
    search.take_refusal(refusal_of(search.ask(WORDS, anew=True)))
    assert (seqs(search.hits), search.is_waiting) == ([3], False)
    assert search.ask(WORDS, anew=True) is not None


def test_page_that_is_somebody_elses_changes_nothing(search: HitSearch) -> None:
    frame = search.ask(WORDS)
    assert search.take(HistoryPage(99, (said(1),), more=False)) is None
    assert search.hits == ()
    search.take(page(frame, [3]))
    assert search.take(page(frame, [8])) is None
    assert seqs(search.hits) == [3]


def test_without_words_there_is_nothing_and_nothing_is_asked(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [3]))
    assert search.ask(Question("")) is None
    assert (search.hits, search.is_waiting, search.answered) == ((), False, Question(""))


def test_without_words_all_that_a_person_said_is_asked_for(search: HitSearch) -> None:
    frame = search.ask(Question("", "철수"))
    assert frame == Search(7, "", "철수", None, HITS_PAGE)
    assert search.is_waiting
    search.take(page(frame, [2, 5], more=True))
    assert (seqs(search.hits), search.answered.find("회의")) == ([5, 2], ())
    assert search.ask_older() == Search(8, "", "철수", 2, HITS_PAGE)


def test_older_hits_are_asked_for_below_the_last_and_once(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [6, 9], more=True))
    frame = search.ask_older()
    assert frame is not None
    assert (frame.before, frame.query) == (6, "회의")
    assert search.ask_older() is None
    assert search.take(page(frame, [1, 2, 6])) is None
    assert (seqs(search.hits), search.has_more) == ([9, 6, 2, 1], False)
    assert search.ask_older() is None


def test_older_hits_of_a_question_that_was_left_are_dropped(search: HitSearch) -> None:
    search.take(page(search.ask(WORDS), [6], more=True))
    older = search.ask_older()
    search.ask(Question(""))
    search.ask(WORDS)
    again = search.take(page(older, [1]))
    assert search.hits == ()
    search.take(page(again, [6], more=True))
    assert seqs(search.hits) == [6]


def test_search_that_was_cut_short_goes_on_by_itself(search: HitSearch) -> None:
    frame = search.take(page(search.ask(WORDS), [], more=True, before=5_000))
    assert frame is not None
    assert frame.before == 5_000
    assert search.is_waiting
    frame = search.take(page(frame, [4_000], more=True, before=3_000))
    assert frame is not None
    assert frame.before == 3_000
    assert search.take(page(frame, [10])) is None
    assert (seqs(search.hits), search.has_more, search.is_waiting) == ([4_000, 10], False, False)


def test_search_that_was_cut_short_rests_when_it_has_enough(search: HitSearch) -> None:
    assert search.take(page(search.ask(WORDS), range(500, 500 + HITS_PAGE), more=True, before=400)) is None
    assert search.has_more
    frame = search.ask_older()
    assert frame is not None
    assert frame.before == 400


@pytest.mark.parametrize("before", [5, 6, None])
def test_server_that_leads_round_in_circles_is_not_followed(search: HitSearch, before: int | None) -> None:
    frame = search.take(page(search.ask(WORDS), [], more=True, before=5))
    assert search.take(page(frame, [], more=True, before=before)) is None
    assert not search.has_more


@pytest.mark.parametrize("found", [True, False])
def test_other_layout_is_tried_where_nothing_is_found(search: HitSearch, found: bool) -> None:
    frame = search.ask(Question("ghldml"), WORDS)
    trial = search.take(page(frame, []))
    assert trial is not None
    assert (trial.query, trial.limit) == ("회의", 1)
    assert search.take(page(trial, [3] if found else [])) is None
    assert (search.has_alternative, search.hits, search.is_waiting) == (found, (), False)


def test_other_layout_is_not_tried_if_there_are_hits_or_it_is_the_same(search: HitSearch) -> None:
    assert search.take(page(search.ask(WORDS, OTHERS), [1])) is None
    assert search.take(page(search.ask(Question("123"), Question("123")), [])) is None
    assert search.take(page(search.ask(Question("1234"), Question("")), [])) is None


def test_refusal_is_told_until_something_else_is_asked(search: HitSearch) -> None:
    frame = search.ask(WORDS)
    assert search.take_refusal(Refused("too_long", "x", id=99)) is None
    assert search.take_refusal(refusal_of(frame)) is None
    assert (search.refusal, search.is_waiting) == ("너무 깁니다", False)
    assert search.ask(OTHERS) is not None
    assert search.refusal == ""


def test_refusal_of_what_is_no_longer_asked_is_not_told(search: HitSearch) -> None:
    frame = search.ask(WORDS)
    search.ask(OTHERS)
    assert search.take_refusal(refusal_of(frame)) is not None
    assert search.refusal == ""


def test_question_whose_answer_was_lost_is_asked_once_more(search: HitSearch) -> None:
    search.ask(WORDS)
    search.set_online(online=False)
    again = search.set_online(online=True)
    assert search.take(page(again, [1])) is None
    assert seqs(search.hits) == [1]


def test_what_was_lost_with_the_connection_is_asked_once_more(search: HitSearch) -> None:
    frame = search.ask(WORDS)
    assert search.set_online(online=False) is None
    assert search.ask(OTHERS) is None
    assert search.take(page(frame, [1])) is None
    again = search.set_online(online=True)
    assert again is not None
    assert again.query == "자료"
    assert search.set_online(online=True) is None


# --- the conversation around a hit ------------------------------------------------------------------------------------


class Log:
    """A log of events 1 to `newest`, of which some are not for us, pages of which hold at most `most`, and what was read of it."""

    def __init__(self, newest: int, hidden: Iterable[int] = (), most: int = 1_000) -> None:
        self.newest, self.hidden, self.most = newest, set(hidden), most
        ids = count(1)
        self.around = Surroundings(lambda: next(ids), lambda: self.newest)
        self.shown: list[int] = []
        self.first = self.last = 0

    def answer(self, frame: ReadHistory | None) -> HistoryPage:
        assert frame is not None
        visible = [seq for seq in range(1, min(frame.before, self.newest + 1)) if seq not in self.hidden]
        kept = visible[-min(frame.limit, self.most) :]
        return page(frame, kept, more=len(kept) < len(visible))

    def read(self, frame: ReadHistory | None) -> list[Opened | Older | Newer]:
        """Take in all answers to `frame` and to what follows from them."""
        found = []
        while frame is not None:
            piece, frame = self.around.take(self.answer(frame))
            if piece is not None:
                self.show(piece)
                found.append(piece)
        return found

    def show(self, piece: Opened | Older | Newer) -> None:
        """As the screen does: nothing twice, and no hole."""
        match piece:
            case Opened():
                self.shown, self.first, self.last = seqs(piece.events), piece.first, piece.last
            case Older():
                assert piece.before == self.first
                self.shown, self.first = seqs(piece.events) + self.shown, piece.first
            case Newer():
                assert piece.after == self.last
                self.shown, self.last = self.shown + seqs(piece.events), piece.last

    def open(self, seq: int) -> None:
        assert [piece.seq for piece in self.read(self.around.open(seq)) if isinstance(piece, Opened)] == [seq]


def test_hit_stands_in_the_middle_of_what_is_opened() -> None:
    log = Log(1_000)
    log.open(500)
    assert log.shown == list(range(500 - AROUND, 500 + AROUND + 1))
    assert (log.first, log.last) == (500 - AROUND, 500 + AROUND)


@pytest.mark.parametrize("most", [1_000, 30, 1])
def test_reading_on_in_both_directions_reaches_everything_once(most: int) -> None:
    log = Log(300, hidden=range(2, 300, 3), most=most)
    log.open(150)
    while frame := log.around.older(log.first):
        log.read(frame)
    while frame := log.around.newer(log.last):
        log.read(frame)
    assert log.shown == [seq for seq in range(1, 301) if seq not in log.hidden]


def test_page_that_was_cut_short_still_holds_the_hit() -> None:
    log = Log(1_000, most=10)
    log.open(500)
    assert 500 in log.shown
    assert log.shown[-1] == 500 + AROUND


def test_what_nobody_may_see_is_skipped_to_what_comes_behind_it() -> None:
    log = Log(1_000, hidden=range(100, 900))
    log.open(50)
    log.read(log.around.newer(log.last))
    *empty, last = log.read(log.around.newer(log.last))
    assert [piece.events for piece in empty] == [()] * len(empty)
    assert seqs(last.events)[0] == 900


def test_beginning_and_end_of_the_log_are_known() -> None:
    log = Log(20)
    log.open(10)
    assert log.first == 0
    assert log.around.older(log.first) is None
    assert log.around.newer(log.last) is None
    log.newest = 22
    log.read(log.around.newer(log.last))
    assert log.shown[-2:] == [21, 22]
    assert log.around.newer(log.last) is None


def test_hit_that_is_newer_than_what_has_come_is_not_read_twice() -> None:
    log = Log(20)
    answer = log.answer(log.around.open(20))
    log.newest = 15
    piece, _ = log.around.take(answer)
    assert isinstance(piece, Opened)
    assert piece.last == 20


def test_of_hits_that_are_run_through_only_the_last_is_opened() -> None:
    log = Log(1_000)
    first = log.around.open(100)
    assert log.around.open(200) is None
    assert log.around.open(300) is None
    piece, frame = log.around.take(log.answer(first))
    assert piece is None
    [opened] = log.read(frame)
    assert isinstance(opened, Opened)
    assert opened.seq == 300


def test_coming_back_to_what_is_shown_asks_nothing_and_takes_nothing_else() -> None:
    log = Log(1_000)
    log.open(100)
    frame = log.around.open(200)
    assert log.around.open(100) is None
    assert log.around.take(log.answer(frame)) == (None, None)
    assert log.around.seq == 100


def test_reading_on_waits_for_what_is_on_its_way() -> None:
    log = Log(1_000)
    log.open(500)
    frame = log.around.older(log.first)
    assert log.around.older(log.first) is None
    assert log.around.newer(log.last) is None
    log.read(frame)
    assert log.around.newer(log.last) is not None


def test_answer_for_what_was_closed_is_dropped() -> None:
    log = Log(1_000)
    log.open(100)
    frame = log.around.newer(log.last)
    log.around.close()
    assert log.around.take(log.answer(frame)) == (None, None)
    assert log.around.older(50) is None


def test_refused_reading_can_be_tried_again() -> None:
    log = Log(1_000)
    assert log.around.take_refusal(refusal_of(log.around.open(100))) is None
    log.open(100)
    log.around.take_refusal(refusal_of(log.around.older(log.first)))
    assert log.around.older(log.first) is not None


def test_reading_goes_on_after_the_connection_was_lost() -> None:
    log = Log(1_000)
    log.around.open(100)
    assert log.around.set_online(online=False) is None
    assert log.around.open(300) is None
    log.read(log.around.set_online(online=True))
    assert log.around.seq == 300
