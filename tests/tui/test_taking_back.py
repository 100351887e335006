"""What waits can be taken back as long as nobody but us can have it, and what is said of why it waits. Without a screen."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from server.protocol.events import Refused, Said, Say
from tests.tui.test_timeline import AT, ME, PEER, in_room, said, send, shown, welcome
from tui_client import strings, unsent
from tui_client.intents import NotDone
from tui_client.outbox import Letter, Outbox
from tui_client.sending import HeldUp
from tui_client.timeline import STALE_AFTER_MS, Timeline

Start = Callable[[], Timeline]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a client that takes up what the one before has left; that one has ended by then, however it did."""
    numbers = count(1)
    running: list[Outbox] = []

    def begin() -> Timeline:
        for outbox in running:
            outbox.close()
        outbox = Outbox(tmp_path / "outbox", "127.0.0.1:12345")
        running.append(outbox)
        made = Timeline("영희", lambda: f"c{next(numbers)}", outbox)
        made.take_up(outbox.take_up("영희"), AT)
        return made

    yield begin
    for outbox in running:
        outbox.close()


def put_off(made: Timeline, cid: str, code: str) -> None:
    made.receive([Refused(code, "나중에.", cid=cid, retry_ms=500)], AT)


def echo(seq: int, text: str, cid: str) -> Said:
    return said(seq, text, ME, "영희", cid)


def held_up(made: Timeline) -> HeldUp | None:
    return made.held_up


def texts(letters: Sequence[Letter]) -> list[str]:
    return [letter.text for letter in letters]


# --- what can be taken back -------------------------------------------------------------------------------------------


def test_what_is_on_its_way_is_not_taken_back_and_all_behind_it_is() -> None:
    made = in_room()
    for text in "가나다":
        made.say(text, AT)
    assert send(made) == [Say("c1", "가")]
    assert unsent.throw_away(made) == strings.taken_back(2, 1)
    assert shown(made.pending_room) == ["영희> 가"]
    with pytest.raises(NotDone, match=strings.MAY_STAND):
        unsent.throw_away(made)
    made.receive([echo(1, "가", "c1")], AT)
    assert (send(made), made.pending) == ([], ())


def test_what_a_lost_connection_may_have_carried_is_not_taken_back_before_it_is_answered() -> None:
    made = in_room()
    made.say("가", AT)
    send(made)
    made.receive([welcome(seq=0, replay_from=1)], AT)
    assert not made.throw_away("c1"), "nobody has answered, and on this connection it was not even sent"
    send(made)
    put_off(made, "c1", "storage_full")
    assert made.throw_away("c1"), "it stands nowhere"


def test_what_only_has_to_be_sent_slower_is_as_good_as_sent() -> None:
    made = in_room()
    made.say("가", AT)
    send(made)
    put_off(made, "c1", "rate_limited")
    assert not made.throw_away("c1")


def test_what_was_refused_for_good_can_be_thrown_away_although_it_was_sent() -> None:
    made = in_room()
    made.say("가", AT)
    send(made)
    made.receive([Refused("too_long", "너무 깁니다.", cid="c1")], AT)
    made.send_again("c1", AT)
    assert made.throw_away("c1"), "also when it waits once more"


def test_what_may_have_been_said_long_ago_is_not_taken_back_once_it_waits_again() -> None:
    made = in_room()
    made.take_up([Letter("x1", "가", AT - STALE_AFTER_MS - 1, sent=True)], AT)
    made.send_again("x1", AT)
    assert not made.throw_away("x1")


def test_next_run_knows_what_the_one_before_may_have_said(start: Start) -> None:
    made = start()
    made.receive([welcome()], AT)
    for text in "가나다":
        made.say(text, AT)
    send(made)
    again = start()
    assert texts(again.retractable) == ["나", "다"]
    assert unsent.throw_away(again) == strings.taken_back(2, 1)
    assert texts(start().pending) == ["가"]


def test_what_was_taken_back_is_not_said_by_the_next_run_and_the_order_stays(start: Start) -> None:
    made = start()
    for text in "가나다":
        made.say(text, AT)
    assert made.throw_away("c2")
    again = start()
    again.receive([welcome()], AT)
    assert send(again) == [Say("c1", "가")]
    again.receive([echo(1, "가", "c1")], AT)
    assert send(again) == [Say("c3", "다")]


def test_what_failed_is_thrown_away_first_and_what_waits_only_when_asked_again() -> None:
    made = in_room()
    made.say("가", AT)
    send(made)
    made.receive([Refused("too_long", "너무 깁니다.", cid="c1")], AT)
    made.say("나", AT)
    assert unsent.throw_away(made) == strings.thrown_away(1, 1)
    assert texts(made.pending) == ["나"]
    assert unsent.throw_away(made) == strings.taken_back(1, 0)
    with pytest.raises(NotDone, match=strings.NOTHING_UNSENT):
        unsent.throw_away(made)


def test_who_wants_what_waits_to_be_sent_again_is_told_that_it_goes_by_itself() -> None:
    made = in_room()
    made.say("가", AT)
    with pytest.raises(NotDone) as told:
        unsent.send_all_again(made, AT, is_online=False)
    assert told.value.text == strings.waits(1, is_online=False)


@pytest.mark.parametrize(
    ("code", "is_revised"),
    [("too_long", True), ("recipient_changed", True), ("no_such_nick", False), ("stale", False), ("lost", False)],
)
def test_what_would_fail_again_as_it_stands_is_better_revised(code: str, is_revised: bool) -> None:
    assert unsent.should_be_revised(Letter("c1", "가", AT, code=code)) is is_revised


# --- why it waits -----------------------------------------------------------------------------------------------------


def test_full_disk_is_told_until_something_is_taken() -> None:
    made = in_room()
    for text in "가나":
        made.say(text, AT)
    send(made)
    assert held_up(made) is None
    put_off(made, "c1", "storage_full")
    assert held_up(made) == HeldUp("storage_full", 2)
    made.go_on()
    send(made)
    assert held_up(made) == HeldUp("storage_full", 2), "not only while nothing is tried"
    made.receive([echo(1, "가", "c1")], AT)
    assert held_up(made) is None


def test_slowness_is_told_until_the_last_echo() -> None:
    made = in_room()
    for text in "가나":
        made.say(text, AT)
    send(made)
    put_off(made, "c1", "rate_limited")
    made.go_on()
    send(made)
    made.receive([echo(1, "가", "c1")], AT)
    assert held_up(made) == HeldUp("rate_limited", 1)
    send(made)
    made.receive([echo(2, "나", "c2")], AT)
    made.say("다", AT)
    assert held_up(made) is None, "nor is it told of what comes later"


def test_nobody_is_told_that_what_was_left_from_before_goes_slowly() -> None:
    made = in_room()
    made.say("가", AT)
    made.receive([welcome(seq=0, replay_from=1)], AT)
    send(made)
    put_off(made, "c1", "rate_limited")
    assert (held_up(made), made.is_held_up) == (None, True)
    made.say("나", AT)
    assert held_up(made) == HeldUp("rate_limited", 2), "but for who writes behind it"


def test_full_disk_is_told_of_what_was_left_too() -> None:
    made = in_room()
    made.say("가", AT)
    made.receive([welcome(seq=0, replay_from=1)], AT)
    send(made)
    put_off(made, "c1", "storage_full")
    assert held_up(made) == HeldUp("storage_full", 1)


def test_what_others_say_changes_nothing_about_it() -> None:
    made = in_room()
    made.say("가", AT)
    send(made)
    put_off(made, "c1", "storage_full")
    made.receive([said(1, "안녕", PEER, "철수")], AT)
    assert held_up(made) == HeldUp("storage_full", 1)
