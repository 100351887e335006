"""What a client knows of the room, and what is drawn because of it."""

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from server.protocol.events import (
    Event,
    HistoryPage,
    Joined,
    Left,
    Limits,
    Member,
    Moderated,
    Pong,
    Presence,
    ReadHistory,
    Refused,
    Renamed,
    Resume,
    Said,
    Say,
    Welcome,
    Whisper,
    Whispered,
)
from tui_client import strings
from tui_client.changes import Changes
from tui_client.entry import Entry, Kind, State
from tui_client.outbox import Letter
from tui_client.partners import Partner
from tui_client.timeline import MAX_PENDING, STALE_AFTER_MS, Timeline, TooManyPending

ME, PEER, THIRD = "a" * 16, "b" * 16, "c" * 16
AT = 1_700_000_000_000
LIMITS = Limits(text_chars=2000, text_lines=20, line_bytes=16384)


def welcome(
    seq: int = 0, replay_from: int = 1, epoch: str = "e1", nick: str = "영희", members: Sequence[Member] = ()
) -> Welcome:
    everybody = (Member(ME, nick), *members)
    return Welcome(1, "test", ME, nick, epoch, seq, replay_from, everybody, LIMITS, 20, 30)


def said(seq: int, text: str = "안녕", uid: str = PEER, nick: str = "철수", cid: str | None = None) -> Said:
    return Said(seq, AT + seq, uid, nick, text, cid)


def whispered(seq: int, text: str, uid: str, nick: str, to_uid: str, to: str, cid: str | None = None) -> Whispered:
    return Whispered(seq, AT + seq, uid, nick, to_uid, to, text, cid)


def timeline() -> Timeline:
    numbers = count(1)
    return Timeline("영희", lambda: f"c{next(numbers)}")


def in_room(*members: Member) -> Timeline:
    """A timeline that has been welcomed into an empty log, `members` being there already."""
    made = timeline()
    made.receive([welcome(members=members)], AT)
    return made


def send(made: Timeline, *, is_online: bool = True) -> list[Say | Whisper]:
    """What is on its way by now."""
    return list(made.next_to_send(is_online=is_online))


def shown(entries: Sequence[Entry]) -> list[str]:
    return [f"{entry.label}{entry.text}" for entry in entries]


def nicks(made: Timeline) -> list[str]:
    return [member.nick for member in made.members]


# --- words ------------------------------------------------------------------------------------------------------------


def test_room_is_told_in_the_words_everybody_knows() -> None:
    changes = in_room().receive(
        [
            Joined(1, AT, PEER, "철수"),
            said(2),
            Renamed(3, AT, PEER, "민수", "철수"),
            Left(4, AT, PEER, "민수", "quit"),
        ],
        AT,
    )
    assert shown(changes.room) == [
        "철수님이 입장하셨습니다.",
        "철수> 안녕",
        "철수님이 민수님으로 바꾸셨습니다.",
        "민수님이 퇴장하셨습니다.",
    ]
    assert [entry.kind for entry in changes.room] == [Kind.PRESENCE, Kind.SAID, Kind.PRESENCE, Kind.PRESENCE]


def test_whisper_goes_to_its_own_pane_in_both_directions() -> None:
    changes = in_room().receive(
        [
            whispered(1, "비밀", PEER, "철수", ME, "영희"),
            whispered(2, "그래", ME, "영희", PEER, "철수"),
        ],
        AT,
    )
    assert shown(changes.whispers) == ["[귓속말] 철수> 비밀", "[귓속말 전송] 철수에게: 그래"]
    assert [(entry.kind, entry.speaker, entry.mine) for entry in changes.whispers] == [
        (Kind.WHISPER_RECEIVED, "철수", False),
        (Kind.WHISPER_SENT, "철수", True),
    ]
    assert changes.room == []


def test_whisper_to_oneself_shows_both_sides() -> None:
    made = in_room()
    made.whisper("영희", "메모", AT)
    changes = made.receive([whispered(1, "메모", ME, "영희", ME, "영희", "c1")], AT)
    assert shown(changes.whispers) == ["[귓속말] 영희> 메모", "[귓속말 전송] 영희에게: 메모"]
    assert len({entry.id for entry in changes.whispers}) == 2


def test_whisper_of_others_is_never_shown_whatever_the_server_sends() -> None:
    changes = in_room().receive([whispered(1, "남의 비밀", PEER, "철수", THIRD, "민수")], AT)
    assert (changes.room, changes.whispers) == ([], [])


def test_entry_keeps_the_servers_time_and_several_lines() -> None:
    (entry,) = in_room().receive([said(7, "두\n줄")], AT).room
    assert (entry.at_ms, entry.text, entry.state) == (AT + 7, "두\n줄", State.SETTLED)


def test_text_and_nicknames_from_the_wire_are_cleaned_once_more() -> None:
    made = in_room()
    (entry,) = made.receive([said(1, "\x1b]52;c;x\x07", nick="철\n수\u202e")], AT).room
    assert (entry.label, entry.text) == ("철 수> ", "␛]52;c;x␇")
    (refusal,) = made.receive([Refused("bad_frame", "\x1b[2J")], AT).room
    assert refusal.text == "␛[2J"


# --- pending ----------------------------------------------------------------------------------------------------------


def test_own_message_is_pending_until_its_echo_settles_it() -> None:
    made = in_room()
    assert made.say("안녕", AT) == Say("c1", "안녕")
    (waiting,) = made.pending_room
    assert (waiting.state, f"{waiting.label}{waiting.text}", waiting.mine) == (State.PENDING, "영희> 안녕", True)
    changes = made.receive([said(1, "안녕", ME, "영희", "c1")], AT)
    assert made.pending_room == ()
    assert changes.pending_changed
    assert [(entry.id, entry.state, entry.at_ms) for entry in changes.room] == [(waiting.id, State.SETTLED, AT + 1)]


def test_echo_with_the_cid_of_another_client_settles_nothing() -> None:
    made = in_room()
    made.say("안녕", AT)
    changes = made.receive([said(1, "안녕", PEER, "철수", "c1")], AT)
    assert shown(made.pending_room) == ["영희> 안녕"]
    assert shown(changes.room) == ["철수> 안녕"]
    assert not changes.pending_changed


def test_pending_messages_keep_the_order_sent() -> None:
    made = in_room()
    for text in "가나다":
        made.say(text, AT)
    made.receive([said(1, "나", ME, "영희", "c2")], AT)
    assert shown(made.pending_room) == ["영희> 가", "영희> 다"]


def test_whisper_is_bound_to_who_has_the_nickname_now() -> None:
    made = in_room(Member(PEER, "Tom"))
    assert made.whisper("ｔｏｍ", "비밀", AT) == Whisper("c1", "Tom", "비밀", PEER)
    assert shown(made.pending_whispers) == ["[귓속말 전송] Tom에게: 비밀"]
    assert made.pending_room == ()


def test_whisper_to_nobody_known_is_left_to_the_server() -> None:
    assert in_room().whisper("철수", "비밀", AT) == Whisper("c1", "철수", "비밀", None)


def test_refused_whisper_fails_in_its_pane_with_the_reason_and_never_becomes_public() -> None:
    made = in_room()
    made.whisper("철수", "비밀", AT)
    (waiting,) = made.pending_whispers
    changes = made.receive([Refused("no_such_nick", "'철수'님은 접속해 있지 않습니다.", cid="c1")], AT + 5)
    failed, reason = made.pending_whispers
    assert (failed.id, failed.state, failed.kind) == (waiting.id, State.FAILED, Kind.WHISPER_SENT)
    assert (reason.kind, reason.text) == (Kind.ERROR, "'철수'님은 접속해 있지 않습니다.")
    assert (changes.entries, changes.pending_changed) == ([], True)
    assert (made.pending, made.pending_room) == ((), ())
    assert [letter.text for letter in made.failed] == ["비밀"]


def test_refused_message_fails_in_the_room() -> None:
    made = in_room()
    made.say("안녕", AT)
    (failure,) = made.receive([Refused("too_long", "너무 깁니다.", cid="c1")], AT).failed
    assert (failure.entry.state, failure.reason) == (State.FAILED, "너무 깁니다.")
    assert [entry.state for entry in made.pending_room] == [State.FAILED, State.FAILED]


def test_refusal_of_nothing_pending_is_told_in_the_room() -> None:
    (entry,) = in_room().receive([Refused("nick_in_use", "쓰고 있습니다.", cid=None)], AT + 9).room
    assert (entry.kind, entry.text, entry.at_ms) == (Kind.ERROR, "쓰고 있습니다.", AT + 9)


def test_a_rename_is_settled_by_its_event_or_by_its_refusal() -> None:
    made = in_room()
    orders = [made.new_order_id(is_rename=True) for _ in range(3)]
    assert made.receive([Refused("nick_in_use", "둘", id=orders[1])], AT).orders == {orders[1]: False}
    assert made.receive([Renamed(1, AT, ME, "영이", "영희")], AT).orders == {orders[0]: True}
    assert made.receive([Renamed(2, AT, PEER, "민수", "철수")], AT).orders == {}
    assert made.receive([Refused("nick_in_use", "옛 서버")], AT).orders == {orders[2]: False}
    assert made.receive([Refused("nick_in_use", "아무것도 아님")], AT).orders == {}


def test_a_disk_without_room_is_told_in_ones_own_words_also_of_a_rename_with_a_name() -> None:
    made = in_room()
    order = made.new_order_id(is_rename=True)
    (entry,) = made.receive([Refused("storage_full", "가득", id=order)], AT).room
    assert entry.text == strings.NICK_WANTS_SPACE


def moderated(action: str, target: str, until: int | None = None, seq: int = 1) -> Moderated:
    return Moderated(seq, AT, PEER, "반장", action, target, until)


@pytest.mark.parametrize(
    ("frame", "for_ms"),
    [
        (moderated("mute", "영희", AT + 5000), 5000),
        (moderated("mute", "영희"), 0),
        (moderated("unmute", "영희"), 0),
        (moderated("kick", "영희"), None),
        (moderated("mute", "철수", AT + 5000), None),
        (Refused("muted", "", cid="c9", until=AT + 90_000 + 7), 7),
        (Refused("muted", "", cid="c9", until=AT), 0),
        (Refused("muted", "", cid="c9"), 0),
        (Refused("no_such_nick", "", cid="c9"), None),
    ],
)
def test_how_long_one_may_not_speak_is_known(frame: Moderated | Refused, for_ms: int | None) -> None:
    """The own clock is 90 seconds ahead: what happens now is counted from then."""
    assert in_room().receive([frame], AT + 90_000).silenced_for_ms == for_ms


def test_how_long_one_may_still_not_speak_is_known_from_the_past_too() -> None:
    for seq in (1, 2):  # the last of the past, or not
        made = timeline()
        made.receive([welcome(seq=seq)], AT + 2000)
        assert made.receive([moderated("mute", "영희", AT + 5000)], AT + 2000).silenced_for_ms == 3000


def test_message_refused_for_now_stays_pending_and_says_when() -> None:
    made = in_room()
    made.say("안녕", AT)
    assert send(made) == [Say("c1", "안녕")]
    changes = made.receive([Refused("rate_limited", "너무 빠릅니다.", cid="c1", retry_ms=700)], AT)
    assert (changes.retry_after_ms, changes.delay_reason, changes.entries) == (
        700,
        strings.put_off_for("rate_limited", ""),
        [],
    )
    assert send(made) == []
    made.go_on()
    assert send(made) == [Say("c1", "안녕")]


def test_pending_messages_are_bounded() -> None:
    made = timeline()
    for number in range(MAX_PENDING):
        made.say(str(number), AT)
    with pytest.raises(TooManyPending):
        made.say("하나 더", AT)
    assert len(made.pending_room) == MAX_PENDING


def test_after_a_reconnection_everything_pending_is_sent_again_under_the_same_names() -> None:
    made = in_room(Member(PEER, "철수"))
    said_before = [made.say("가", AT), made.whisper("철수", "나", AT), made.say("다", AT)]
    assert send(made) == said_before[:1]
    assert made.receive([welcome(epoch="e1")], AT).welcomed
    sent = send(made)
    made.receive([said(1, "가", ME, "영희", "c1")], AT)
    sent += send(made)
    made.receive([whispered(2, "나", ME, "영희", PEER, "철수", "c2")], AT)
    assert sent + send(made) == said_before


def test_message_typed_before_the_first_welcome_waits_for_it() -> None:
    made = timeline()
    made.say("일찍", AT)
    assert (made.position, send(made, is_online=False)) == (None, [])
    assert made.receive([welcome()], AT).welcomed
    assert send(made) == [Say("c1", "일찍")]


def test_messages_are_on_their_way_one_at_a_time() -> None:
    made = in_room()
    for text in "가나다":
        made.say(text, AT)
    assert (send(made), send(made)) == ([Say("c1", "가")], [])
    made.receive([said(1, "가", ME, "영희", "c1")], AT)
    assert (send(made), send(made)) == ([Say("c2", "나")], [])


def test_nothing_overtakes_what_is_refused_for_now_though_more_may_be_on_their_way() -> None:
    made = Timeline("영희", iter("abcdefg").__next__, most_on_their_way=4)
    made.receive([welcome()], AT)
    for text in "가나다라마":
        made.say(text, AT)
    assert [one.cid for one in send(made)] == ["a"]
    made.receive([said(1, "가", ME, "영희", "a")], AT)
    assert [one.cid for one in send(made)] == ["b", "c"], "one more with each answer"
    made.receive([said(2, "나", ME, "영희", "b")], AT)
    assert [one.cid for one in send(made)] == ["d", "e"]
    full = [Refused("storage_full", "가득 찼습니다.", cid=cid, retry_ms=500) for cid in "cde"]
    made.receive(full[:1], AT)
    assert send(made) == []
    made.go_on()
    assert send(made) == [], "two answers are still outstanding"
    made.receive(full[1:], AT)
    made.go_on()
    assert [one.cid for one in send(made)] == ["c"]
    made.receive([said(3, "다", ME, "영희", "c")], AT)
    assert [one.cid for one in send(made)] == ["d"], "never again more than one"


# --- what failed ------------------------------------------------------------------------------------------------------


def refuse(made: Timeline, cid: str, code: str = "no_such_nick") -> None:
    assert cid in [one.cid for one in send(made)]
    made.receive([Refused(code, "안 됩니다.", cid=cid)], AT)


def test_what_failed_lets_the_next_one_go() -> None:
    made = in_room()
    made.say("가", AT)
    made.say("나", AT)
    refuse(made, "c1")
    assert send(made) == [Say("c2", "나")]
    assert [entry.state for entry in made.pending_room] == [State.FAILED, State.FAILED, State.PENDING]


def test_what_failed_is_sent_again_behind_all_others_under_its_own_name() -> None:
    made = in_room()
    made.say("가", AT)
    made.say("나", AT)
    refuse(made, "c1")
    assert made.send_again("c1", AT + 1)
    assert [letter.text for letter in made.pending] == ["나", "가"]
    assert send(made) == [Say("c2", "나")]
    made.receive([said(1, "나", ME, "영희", "c2")], AT)
    assert send(made) == [Say("c1", "가")]
    assert not made.send_again("c1", AT), "it waits already"


def test_name_that_was_the_trouble_is_not_used_again() -> None:
    made = in_room()
    made.say("가", AT)
    refuse(made, "c1", "cid_conflict")
    made.send_again("c1", AT)
    assert send(made) == [Say("c2", "가")]


def test_whisper_sent_again_follows_its_partner_and_nobody_else() -> None:
    made = in_room(Member(PEER, "철수"))
    made.whisper("철수", "비밀", AT)
    made.receive([Renamed(1, AT, PEER, "찰스", "철수"), Joined(2, AT, THIRD, "철수")], AT)
    refuse(made, "c1", "recipient_changed")
    made.send_again("c1", AT)
    assert send(made) == [Whisper("c1", "찰스", "비밀", PEER)]
    made.receive([Left(3, AT, PEER, "찰스", "quit"), Refused("no_such_nick", "안 됩니다.", cid="c1")], AT)
    made.send_again("c1", AT)
    assert send(made) == [Whisper("c1", "찰스", "비밀", PEER)]


def test_what_is_thrown_away_is_gone() -> None:
    made = in_room()
    made.say("가", AT)
    made.say("나", AT)
    refuse(made, "c1")
    assert (made.throw_away("c1"), made.throw_away("c1")) == (True, False)
    assert shown(made.pending_room) == ["영희> 나"]


def test_one_reason_of_several_in_a_row_is_said_once_below_the_last() -> None:
    made = in_room()
    for text in "가나다":
        made.whisper("철수", text, AT)
    for cid, code in (("c1", "no_such_nick"), ("c2", "no_such_nick"), ("c3", "too_long")):
        assert [one.cid for one in send(made)] == [cid]
        made.receive([Refused(code, code, cid=cid)], AT)
    texts = [entry.text for entry in made.pending_whispers]
    assert texts == ["가", "나", "no_such_nick", "다", "too_long"]


def test_who_has_a_new_nickname_is_named_by_it_and_the_whisper_goes_there_when_it_is_sent_again() -> None:
    made = in_room(Member(PEER, "철순"))
    made.whisper("철순", "비밀", AT)
    made.receive([Renamed(1, AT, PEER, "철구", "철순")], AT)
    refuse(made, "c1")
    assert [letter.reason for letter in made.failed] == [strings.is_called_now("철순", "철구")]
    made.send_again("c1", AT)
    assert send(made) == [Whisper("c1", "철구", "비밀", PEER)]


@pytest.mark.parametrize(
    ("to", "uid", "is_them"), [("철수", PEER, True), ("철수", THIRD, False), ("민수", PEER, False)]
)
def test_who_comes_in_can_be_reached_by_what_failed_for_want_of_them(to: str, uid: str, is_them: bool) -> None:
    made = in_room(Member(PEER, "철수"), Member(THIRD, "민수"))
    made.whisper(to, "비밀", AT)
    refuse(made, "c1")
    changes = made.receive([Left(1, AT, uid, "철수", "lost"), Joined(2, AT, uid, "철수")], AT)
    assert changes.can_be_reached == ("철수" if is_them else "")


def test_what_failed_and_stands_in_the_log_after_all_is_no_longer_failed() -> None:
    made = in_room()
    made.say("가", AT)
    refuse(made, "c1")
    changes = made.receive([said(1, "가", ME, "영희", "c1")], AT)
    assert (shown(changes.room), made.pending_room) == (["영희> 가"], ())


# --- what an earlier run has left -------------------------------------------------------------------------------------


def test_what_was_left_is_sent_before_what_was_written_since() -> None:
    made = timeline()
    made.say("새", AT)
    made.take_up([Letter("x1", "하나", AT - 5), Letter("x2", "둘", AT - 4, "철수", PEER)], AT)
    assert shown(made.pending_room) == ["영희> 하나", "영희> 새"]
    assert [letter.cid for letter in made.pending] == ["x1", "x2", "c1"]
    made.receive([welcome()], AT)
    assert send(made) == [Say("x1", "하나")]


def test_what_was_left_and_stands_in_the_replay_is_shown_there_once() -> None:
    made = timeline()
    made.take_up([Letter("x1", "하나", AT)], AT)
    changes = made.receive([welcome(seq=2), said(1, "하나", ME, "영희", "x1"), said(2)], AT)
    assert shown(changes.room) == ["영희> 하나", "철수> 안녕"]
    assert (changes.delivered, made.pending) == (["x1"], ())


def test_what_was_left_and_stands_further_up_is_told_and_not_shown_below() -> None:
    made = timeline()
    made.take_up([Letter("x1", "하나", AT)], AT)
    made.receive([welcome(seq=60, replay_from=11), said(60)], AT)
    assert send(made) == [Say("x1", "하나")]
    changes = made.receive([said(5, "하나", ME, "영희", "x1")], AT)
    assert shown(changes.room) == [strings.stood_already("영희> 하나")]
    assert (made.pending, made.newest_seq) == ((), 60)
    made.older(11)
    (page,) = made.receive([HistoryPage(1, (said(5, "하나", ME, "영희", "x1"),), more=False)], AT).pages
    assert shown(page.room) == ["영희> 하나"]


def test_what_failed_before_is_still_failed() -> None:
    made = timeline()
    made.take_up([Letter("x1", "하나", AT, code="too_long", reason="너무 깁니다.")], AT)
    assert shown(made.pending_room) == ["영희> 하나", strings.failed_before("너무 깁니다.")]
    assert made.pending == ()


def test_what_was_written_long_ago_is_not_sent_without_asking_but_keeps_its_name() -> None:
    made = timeline()
    made.take_up([Letter("x1", "점심 먹어요", AT - STALE_AFTER_MS - 1), Letter("x2", "어제", AT - STALE_AFTER_MS)], AT)
    assert [letter.reason for letter in made.failed] == [strings.STALE]
    assert [letter.cid for letter in made.pending] == ["x2"]
    made.send_again("x1", AT)
    assert [letter.cid for letter in made.pending] == ["x2", "x1"]


def test_what_may_have_been_said_long_ago_is_sent_again_just_as_it_was() -> None:
    made = timeline()
    made.take_up([Letter("x1", "비밀", AT - STALE_AFTER_MS - 1, "철수", PEER)], AT)
    made.receive([welcome(members=[Member(PEER, "찰스")])], AT)
    made.send_again("x1", AT)
    assert send(made) == [Whisper("x1", "철수", "비밀", PEER)], "to another name it would be another message"
    made.receive([Refused("recipient_changed", "안 됩니다.", cid="x1")], AT)
    made.send_again("x1", AT)
    assert send(made) == [Whisper("x1", "찰스", "비밀", PEER)]


def test_who_becomes_somebody_else_takes_along_only_what_was_written_since() -> None:
    made = timeline()
    made.take_up([Letter("x1", "영희의 것", AT)], AT)
    made.say("방금", AT)
    made.nick = "영이"
    made.take_up([], AT)
    assert shown(made.pending_room) == ["영이> 방금"]


# --- position ---------------------------------------------------------------------------------------------------------


def test_event_seen_already_is_not_shown_again() -> None:
    made = in_room()
    made.receive([said(1), said(2)], AT)
    assert shown(made.receive([said(1), said(2), said(3, "새")], AT).room) == ["철수> 새"]


def test_position_is_the_last_event_seen_in_its_epoch() -> None:
    made = timeline()
    made.receive([welcome(seq=60, replay_from=11, epoch="e7")], AT)
    assert made.position == Resume("e7", 10)
    made.receive([said(11), said(15)], AT)
    assert made.position == Resume("e7", 15)


def test_plain_continuation_is_not_announced() -> None:
    made = in_room()
    made.receive([said(1), said(2)], AT)
    assert made.receive([welcome(seq=2, replay_from=3)], AT).room == []
    assert made.receive([welcome(seq=2, replay_from=1), said(1), said(2)], AT).room == []


# --- what was missed --------------------------------------------------------------------------------------------------


def gap(made: Timeline, *live: Event) -> ReadHistory:
    """The question that a gap from event 2 to event 40 leads to; nothing is shown before it is answered."""
    made.receive([said(1)], AT)
    changes = made.receive([welcome(seq=90, replay_from=41), *live], AT)
    (asked,) = changes.to_send
    assert (asked.before, changes.entries, made.position) == (41, [], Resume("e1", 1))
    return asked


def test_gap_is_read_page_by_page_and_shown_in_its_place() -> None:
    made = in_room()
    asked = gap(made, said(41, "뒤"))
    changes = made.receive([HistoryPage(asked.id, (said(30), said(40)), more=True), said(42, "후")], AT)
    (asked,) = changes.to_send
    assert (asked.before, changes.entries, made.is_current) == (30, [], False)
    changes = made.receive([HistoryPage(asked.id, (said(1), said(2)), more=True)], AT)
    assert [entry.seq for entry in changes.room] == [2, 30, 40, 41, 42]
    assert made.position == Resume("e1", 42)


def test_gap_that_can_not_be_filled_is_told_where_it_is() -> None:
    made = in_room()
    asked = gap(made, said(41, "뒤"))
    changes = made.receive([HistoryPage(asked.id, (said(20, "남은 것"),), more=False)], AT)
    assert shown(changes.room) == [strings.GAP, "철수> 남은 것", "철수> 뒤"]
    assert changes.room[0].kind is Kind.NOTICE


def test_gap_about_which_nothing_can_be_asked_is_told() -> None:
    made = in_room()
    asked = gap(made, said(41, "뒤"))
    changes = made.receive([Refused("rate_limited", "나중에.", id=asked.id)], AT)
    assert shown(changes.room) == [strings.GAP, "철수> 뒤"]


def test_gap_that_is_too_long_is_shown_as_far_as_the_log_reaches() -> None:
    made = in_room()
    made.receive([said(1)], AT)
    changes = made.receive([welcome(seq=10_000, replay_from=10_000)], AT)
    pages = 0
    while changes.to_send:
        (asked,) = changes.to_send
        page = tuple(said(seq) for seq in range(asked.before - 200, asked.before))
        changes = made.receive([HistoryPage(asked.id, page, more=True)], AT)
        pages += 1
    assert (pages, shown(changes.room)[0], changes.room[1].seq) == (25, strings.GAP, 5_000)


def test_connection_lost_amid_a_gap_begins_it_anew() -> None:
    made = in_room()
    gap(made, said(41, "뒤"))
    changes = made.receive([welcome(seq=91, replay_from=2), *(said(seq) for seq in (2, 40, 41, 91))], AT)
    assert [entry.seq for entry in changes.room] == [2, 40, 41, 91]


def test_own_message_in_a_gap_is_settled_there() -> None:
    made = in_room()
    made.say("잃은 줄 알았던", AT)
    asked = gap(made)
    own = said(30, "잃은 줄 알았던", ME, "영희", "c1")
    assert made.receive([own], AT).entries == [], "the answer to its being sent again comes before the page"
    changes = made.receive([HistoryPage(asked.id, (said(1), own), more=False)], AT)
    assert (shown(changes.room), made.pending) == (["영희> 잃은 줄 알았던"], ())


def test_refusal_amid_a_gap_waits_for_nothing() -> None:
    made = in_room()
    made.say("가", AT)
    gap(made)
    made.receive([Refused("too_long", "너무 깁니다.", cid="c1")], AT)
    assert [letter.cid for letter in made.failed] == ["c1"]


# --- another log ------------------------------------------------------------------------------------------------------


def fresh(seq: int, replay_from: int) -> Welcome:
    return replace(welcome(seq, replay_from, "e2"), fresh=True)


def test_restarted_server_is_announced_and_what_was_seen_is_not_shown_again() -> None:
    made = in_room()
    made.receive([said(1), said(2)], AT)
    changes = made.receive([welcome(seq=3, replay_from=1, epoch="e2"), said(1), said(2), said(3, "새")], AT)
    assert shown(changes.room) == [strings.SERVER_RESTARTED, "철수> 새"]


def test_server_that_lost_its_log_is_not_taken_for_the_old_one() -> None:
    made = in_room()
    made.receive([said(seq) for seq in range(1, 100)], AT)
    new = Said(1, AT + 5000, PEER, "철수", "처음부터")
    (asked,) = made.receive([welcome(seq=1, replay_from=1, epoch="e2"), new], AT).to_send
    changes = made.receive([HistoryPage(asked.id, (new,), more=False)], AT)
    assert shown(changes.room) == [strings.NEW_LOG, "철수> 처음부터"]
    assert made.position == Resume("e2", 1)
    assert changes.begins_at == 0, "its older pages are not those of what is shown"


def test_log_that_grew_elsewhere_is_not_taken_for_the_old_one() -> None:
    made = in_room()
    made.receive([said(1), said(2)], AT)
    other = [Said(seq, AT + 9000 + seq, PEER, "철수", f"딴 {seq}") for seq in range(1, 5)]
    (asked,) = made.receive([fresh(4, 3), *other[2:]], AT).to_send
    assert asked.before == 5
    changes = made.receive([HistoryPage(asked.id, tuple(other), more=False)], AT)
    assert shown(changes.room) == [strings.NEW_LOG, "철수> 딴 3", "철수> 딴 4"]
    assert changes.begins_at == 0


def test_restored_backup_is_told_and_its_own_continuation_is_shown_without_a_hole() -> None:
    made = in_room()
    made.receive([said(seq) for seq in range(1, 7)], AT)
    since = [Said(seq, AT + 9000, PEER, "철수", f"그 뒤 {seq}") for seq in range(4, 9)]
    (asked,) = made.receive([fresh(8, 7), *since[3:]], AT).to_send
    assert made.position == Resume("e1", 6), "whoever is cut off now is asked for the same again"
    page = (*(said(seq) for seq in range(1, 4)), *since)
    changes = made.receive([HistoryPage(asked.id, page, more=False), Said(9, AT + 9001, PEER, "철수", "더")], AT)
    assert shown(changes.room) == [strings.ROLLED_BACK, *(f"철수> 그 뒤 {seq}" for seq in range(4, 9)), "철수> 더"]
    assert made.position == Resume("e2", 9)


def roll_back(made: Timeline, *page: Event) -> Changes:
    """The server has a log that ends with `page`."""
    (asked,) = made.receive([fresh(page[-1].seq, page[-1].seq)], AT).to_send
    return made.receive([HistoryPage(asked.id, page, more=False)], AT)


def test_what_a_restored_backup_has_lost_is_named_and_ones_own_can_be_said_again() -> None:
    made = in_room(Member(PEER, "철수"))
    for text in ("하나", "둘"):
        made.say(text, AT)
    made.whisper("철수", "셋", AT)
    send(made)
    echoes = [said(1, "하나", ME, "영희", "c1"), said(2, "둘", ME, "영희", "c2")]
    made.receive([*echoes, whispered(3, "셋", ME, "영희", PEER, "철수", "c3")], AT)
    changes = roll_back(made, echoes[0])
    assert (changes.lost_after, changes.discontinuity) == (1, strings.ROLLED_BACK)
    assert shown(changes.whispers) == [strings.ROLLED_BACK], "its pane says so too"
    assert [(letter.cid, letter.reason) for letter in made.failed] == [("c2", strings.LOST), ("c3", strings.LOST)]
    assert send(made) == [], "whether they are said again, is for their writer to say"
    made.send_again("c2", AT)
    assert send(made) == [Say("c2", "둘")]


def test_after_much_was_lost_there_is_room_to_go_on_speaking() -> None:
    made = in_room()
    first = said(1, "처음", ME, "영희", "c1")
    made.say("처음", AT)
    made.receive([first], AT)
    for number in range(2, MAX_PENDING + 50):
        made.say(f"{number}", AT)
        send(made)
        made.receive([said(number, f"{number}", ME, "영희", f"c{number}")], AT)
    roll_back(made, first)
    assert [letter.text for letter in made.failed] == [f"{number}" for number in range(150, 250)], "the newest"
    made.say("이어서", AT)
    assert [one.text for one in send(made)] == ["이어서"]


def test_what_another_one_has_said_again_since_is_not_lost() -> None:
    made = in_room()
    for text in ("하나", "둘"):
        made.say(text, AT)
    echo = said(1, "하나", ME, "영희", "c1")
    made.receive([echo, said(2, "둘", ME, "영희", "c2")], AT)
    roll_back(made, echo, Said(2, AT + 900, ME, "영희", "둘", "c2"))
    assert made.failed == ()


def test_new_log_gives_nothing_back() -> None:
    made = in_room()
    made.say("하나", AT)
    made.receive([said(1, "하나", ME, "영희", "c1")], AT)
    changes = roll_back(made, Said(1, AT + 5000, PEER, "철수", "처음부터"))
    assert (changes.discontinuity, changes.lost_after, made.failed) == (strings.NEW_LOG, None, ())


def test_server_that_forgot_the_epoch_of_the_same_log_costs_nothing() -> None:
    made = in_room()
    made.receive([said(1), said(2)], AT)
    (asked,) = made.receive([fresh(4, 1), *(said(seq) for seq in range(1, 5))], AT).to_send
    changes = made.receive([HistoryPage(asked.id, tuple(said(seq) for seq in range(1, 5)), more=False)], AT)
    assert [entry.seq for entry in changes.room] == [0, 3, 4]
    assert changes.room[0].text == strings.SERVER_RESTARTED


def test_whispers_that_only_others_see_leave_no_gap() -> None:
    made = in_room()
    assert shown(made.receive([said(1), said(7, "일곱")], AT).room) == ["철수> 안녕", "철수> 일곱"]


# --- members ----------------------------------------------------------------------------------------------------------


def test_members_are_those_of_the_welcome_and_what_came_after_in_order() -> None:
    made = in_room(Member(PEER, "철수"))
    changes = made.receive(
        [Joined(1, AT, THIRD, "민수"), Renamed(2, AT, PEER, "찰스", "철수"), Left(3, AT, THIRD, "민수", "quit")], AT
    )
    assert nicks(made) == ["영희", "찰스"]
    assert changes.members_changed


def test_replayed_events_do_not_touch_the_members() -> None:
    made = timeline()
    made.receive(
        [
            welcome(seq=3, members=[Member(PEER, "철수")]),
            Joined(1, AT, THIRD, "옛사람"),
            Left(2, AT, PEER, "철수", "quit"),
            Joined(3, AT, PEER, "철수"),
        ],
        AT,
    )
    assert nicks(made) == ["영희", "철수"]


def test_leaving_of_a_former_holder_does_not_remove_the_new_one() -> None:
    made = in_room(Member(PEER, "철수"))
    made.receive([Joined(1, AT, THIRD, "철수"), Left(2, AT, PEER, "철수", "lost")], AT)
    assert nicks(made) == ["영희", "철수"]


def test_nicknames_that_are_the_same_are_one_member() -> None:
    made = in_room(Member(PEER, "Tom"))
    made.receive([Left(1, AT, PEER, "tom", "quit")], AT)
    assert nicks(made) == ["영희"]


def test_own_rename_changes_the_nickname_of_what_is_said_next() -> None:
    made = in_room()
    changes = made.receive([Renamed(1, AT, ME, "영이", "영희")], AT)
    made.say("안녕", AT)
    assert changes.nick_changed
    assert (made.nick, shown(made.pending_room)) == ("영이", ["영이> 안녕"])


def test_rename_of_ones_other_window_is_not_ones_own() -> None:
    made = in_room(Member(ME, "영희2"))
    assert not made.receive([Renamed(1, AT, ME, "영이", "영희2")], AT).nick_changed
    assert made.nick == "영희"


def test_server_decides_the_nickname() -> None:
    made = timeline()
    assert made.receive([welcome(nick="영희2")], AT).nick_changed
    assert made.nick == "영희2"


def test_member_whose_connection_was_lost_is_away_until_back() -> None:
    made = in_room(Member(PEER, "철수"))
    made.receive([Presence(PEER, "철수", online=False), Presence("d" * 16, "민수", online=False)], AT)
    assert [made.is_away(member) for member in made.members] == [False, True]
    made.receive([Presence(PEER, "철수", online=True)], AT)
    assert not any(map(made.is_away, made.members))


def test_one_client_may_be_away_in_one_window_and_here_in_another() -> None:
    made = in_room(Member(PEER, "철수"), Member(PEER, "민수", away=True))
    made.receive([Presence(PEER, "철수", online=False), Presence(PEER, "민수", online=True)], AT)
    assert [(member.nick, made.is_away(member)) for member in made.members] == [
        ("민수", False),
        ("영희", False),
        ("철수", True),
    ]
    made.receive([Left(1, AT, PEER, "철수", "lost"), Joined(2, AT, THIRD, "철수")], AT)
    assert not any(map(made.is_away, made.members)), "who comes later under the name is not away"


# --- older pages ------------------------------------------------------------------------------------------------------


def test_older_pages_are_asked_for_one_at_a_time() -> None:
    made = timeline()
    assert made.receive([welcome(seq=500, replay_from=451)], AT).begins_at == 451
    assert made.older(451) == ReadHistory(2, before=451)
    assert made.older(451) is None
    older: tuple[Event, ...] = (said(349, "옛"), whispered(350, "비밀", PEER, "철수", ME, "영희"))
    (page,) = made.receive([HistoryPage(2, older, more=True)], AT).pages
    assert (shown(page.room), shown(page.whispers)) == (["철수> 옛"], ["[귓속말] 철수> 비밀"])
    assert (page.first, page.before) == (349, 451)
    assert made.older(349) == ReadHistory(3, before=349)
    (page,) = made.receive([HistoryPage(3, (said(1, "맨 처음"),), more=False)], AT).pages
    assert page.first == 0
    assert made.older(0) is None


def test_whispers_of_long_ago_are_there_from_the_start_and_can_be_answered() -> None:
    made = timeline()
    changes = made.receive([welcome(seq=9_000, replay_from=8_951)], AT)
    assert changes.to_send == [ReadHistory(1, before=8_951, whispers=True)]
    made.receive([whispered(8_960, "새 비밀", THIRD, "민수", ME, "영희")], AT)
    old = (whispered(20, "비밀", PEER, "철수", ME, "영희"), whispered(30, "응", ME, "영희", PEER, "철수"))
    (page,) = made.receive([HistoryPage(1, old, more=True)], AT).pages
    assert (page.whispers_only, page.first, page.before, len(page.whispers)) == (True, 20, 8_951, 2)
    assert [partner.nick for partner in made.partners] == ["민수", "철수"]
    assert made.to_answer == Partner("민수", THIRD), "who was heard since comes first"
    assert made.older(20, whispers_only=True) == ReadHistory(2, before=20, whispers=True)
    assert made.older(8_951) == ReadHistory(3, before=8_951), "the room's own pages are not held up"


def test_where_the_server_has_forgotten_the_past_is_said_above_what_is_left() -> None:
    made = timeline()
    made.receive([welcome(seq=500, replay_from=451)], AT)
    made.older(451)
    (page,) = made.receive([HistoryPage(2, (said(400, "남은 말"),), more=False, begins=400)], AT).pages
    assert shown(page.room) == [strings.FORGOTTEN, "철수> 남은 말"]
    assert page.first == 0


def test_that_the_server_has_forgotten_everything_older_is_said_above_what_is_shown() -> None:
    made = timeline()
    made.receive([welcome(seq=500, replay_from=451), said(451)], AT)
    made.older(451)
    (page,) = made.receive([HistoryPage(2, (), more=False, begins=451)], AT).pages
    assert [(entry.text, entry.at_ms) for entry in page.room] == [(strings.FORGOTTEN, AT + 451)]


def test_old_page_touches_neither_members_nor_position() -> None:
    made = timeline()
    made.receive([welcome(seq=500, replay_from=451)], AT)
    made.older(451)
    changes = made.receive([HistoryPage(1, (Joined(400, AT, PEER, "철수"),), more=True)], AT)
    assert nicks(made) == ["영희"]
    assert not changes.members_changed
    assert made.position == Resume("e1", 450)


def test_page_that_was_lost_with_the_connection_is_asked_for_again() -> None:
    made = timeline()
    whispers = made.receive([welcome(seq=500, replay_from=451)], AT).to_send
    lost = made.older(451)
    assert made.receive([welcome(seq=500, replay_from=451)], AT).to_send == [*whispers, lost]
    assert made.older(451) is None
    assert made.receive([HistoryPage(2, (said(9),), more=True)], AT).pages[0].first == 9


def test_page_of_a_log_that_may_be_another_one_is_not_asked_for_again() -> None:
    made = timeline()
    made.receive([welcome(seq=500, replay_from=451), said(500)], AT)
    made.older(451)
    (asked,) = made.receive([fresh(600, 551)], AT).to_send
    assert asked.before == 601


def test_page_that_is_refused_says_why_and_may_be_asked_for_again() -> None:
    made = timeline()
    made.receive([welcome(seq=500, replay_from=451)], AT)
    made.older(451)
    changes = made.receive([Refused("storage_error", "읽을 수 없습니다.", id=2)], AT)
    assert (changes.no_page_because, changes.answers, changes.entries) == ("읽을 수 없습니다.", [], [])
    assert made.older(451) is not None


def test_room_seen_from_its_first_event_has_no_older_pages() -> None:
    assert in_room().older(1) is None


def test_past_is_replayed_before_the_room_is_current() -> None:
    made = timeline()
    made.receive([welcome(seq=2), said(1)], AT)
    assert not made.is_current
    made.receive([said(2)], AT)
    assert made.is_current


def test_past_that_ends_with_what_only_others_see_is_over_when_the_server_answers() -> None:
    made = timeline()
    made.receive([welcome(seq=9), said(1)], AT)
    assert not made.is_current
    made.note_round_trip()
    assert made.is_current


# --- everything -------------------------------------------------------------------------------------------------------


def test_keep_alive_changes_nothing() -> None:
    assert in_room().receive([Pong(1)], AT).room == []


def test_server_that_keeps_no_limits_does_not_flood_the_screen() -> None:
    (entry,) = in_room().receive([said(1, "가\n" * 100_000)], AT).room
    assert (len(entry.text), entry.text.count("\n")) == (39, 19)


def test_notices_of_the_program_are_entries_too() -> None:
    made = in_room()
    assert (made.notice("알림", AT).kind, made.error("오류", AT).kind) == (Kind.NOTICE, Kind.ERROR)
    assert made.notice("하나", AT).id != made.notice("둘", AT).id


@given(
    cuts=st.lists(st.integers(min_value=0, max_value=40), max_size=6),
    replayed=st.integers(min_value=1, max_value=40),
)
def test_however_often_cut_off_every_event_is_shown_once_in_order(cuts: list[int], replayed: int) -> None:
    made, texts = in_room(), []
    log = [said(seq, str(seq)) for seq in range(1, 41)]
    for cut in [*sorted(cuts), 40]:
        changes = made.receive(log[:cut][-replayed:], AT)
        texts += [entry.text for entry in changes.room if entry.kind is Kind.SAID]
        again = welcome(seq=cut, replay_from=max(1, cut - replayed + 1))
        texts += [entry.text for entry in made.receive([again], AT).room if entry.kind is Kind.SAID]
    assert texts == sorted(set(texts), key=int)
