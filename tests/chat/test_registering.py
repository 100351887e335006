"""A nickname that was registered stays its owner's: in the room, at the door, over restarts, and until it lapses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.addresses import Addresses
from server.config import Config, PerAddress
from server.log.names import Registration, Released
from server.log.seating import KeptSeat
from server.log.sqlite import SqliteStore
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code, Refusal
from server.protocol.events import Done, Register, Rename, Unregister
from server.protocol.nickname import nickname_key
from server.rate import Rate
from server.registering import check_registering
from server.registry import MS_PER_DAY, SEEN_EVERY_MS
from server.room import Rules
from server.roster import Seat
from tests.support.in_process import InProcess, in_process
from tests.support.json_client import Frame, JsonClient, new_secret
from tests.support.room import barrier
from tests.support.rounds import LoggedRoom, asking, entering, leaving
from tests.support.samples import AT, CHEOLSU, MINSU, YOUNGHEE
from tests.support.seams import FullStore, Memory

OTHERS_NICK = phrases.nick_registered("영희")
ELSEWHERE = Peer.of("203.0.113.5")


@pytest.fixture
def server() -> Iterator[InProcess]:
    with in_process() as running:
        yield running


def asked(client: JsonClient, **fields: object) -> Frame:
    """What comes of a frame with an `id`."""
    seen = len(client.frames)
    client.send(**fields)
    return client.until(lambda frame: frame.fields.get("id") == fields["id"], after=seen)


def registered(client: JsonClient) -> JsonClient:
    assert asked(client, t="register", id=5).kind == "done"
    return client


def gone(client: JsonClient, witness: JsonClient) -> None:
    client.leave()
    witness.until(lambda frame: frame.kind == "left" and frame.text("nick") == client.nick)


# --- over the wire ----------------------------------------------------------------------------------------------------


def test_a_nickname_is_registered_by_who_sits_under_it(server: InProcess) -> None:
    done = asked(server.json("영희"), t="register", id=7)
    assert (done.kind, done.text("text")) == ("done", phrases.registered("영희", 90))


def test_nobody_else_comes_in_under_it_while_its_owner_is_away(server: InProcess) -> None:
    witness = server.json("철수")
    owner = registered(server.json("영희"))
    gone(owner, witness)
    stranger, plain = server.json_stranger(), server.plain_stranger()
    stranger.send(t="hello", v=1, nick="영희", client=stranger.secret)
    assert stranger.refused("nick_reserved").text("text") == OTHERS_NICK
    plain.send_line("영희")
    plain.wait_for_line(f"{phrases.NOTICE}{OTHERS_NICK}")
    assert server.json("영희", secret=owner.secret).uid == owner.uid


def test_its_owner_may_have_come_in_under_another_nickname_meanwhile(server: InProcess) -> None:
    computer, witness = new_secret(), server.json("철수")
    gone(registered(server.json("영희왕", device=computer)), witness)
    gone(server.json("다래", device=computer), witness)
    assert server.json("영희왕", device=computer).nick == "영희왕"
    stranger = server.json_stranger(device=new_secret())
    stranger.ask_in("영희왕")
    assert stranger.refused("nick_reserved").text("text") == phrases.nick_registered("영희왕")


def test_nor_under_what_is_taken_for_it(server: InProcess) -> None:
    witness = server.json("철수")
    gone(registered(server.json("young1")), witness)
    stranger = server.json_stranger()
    stranger.send(t="hello", v=1, nick="youngl", client=stranger.secret)
    assert stranger.refused("nick_reserved").text("text") == phrases.nick_like_registered("youngl", "young1")
    witness.send(t="nick", nick="YOUNGI", id=7)
    refusal = witness.refused("nick_reserved")
    assert refusal.text("text") == phrases.nick_like_registered("YOUNGI", "young1")
    assert refusal.number("id") == 7
    witness.send(t="nick", nick="Y!", id=8)
    assert witness.refused("nick_invalid").number("id") == 8


def test_ones_own_may_be_taken_up_and_left_again(server: InProcess) -> None:
    owner, other = registered(server.json("영희")), server.json("철수")
    owner.send(t="nick", nick="영이")
    other.until(lambda frame: frame.kind == "renamed" and frame.text("nick") == "영이")
    other.send(t="nick", nick="영희")
    assert other.refused("nick_reserved").text("text") == OTHERS_NICK
    owner.send(t="nick", nick="영희")
    other.until(lambda frame: frame.kind == "renamed" and frame.text("nick") == "영희")


def test_what_is_given_up_may_be_taken_by_anybody(server: InProcess) -> None:
    owner, other = registered(server.json("영희")), server.json("철수")
    owner.send(t="nick", nick="영이")
    assert asked(owner, t="unregister", id=8, nick="영희").text("text") == phrases.released("영희")
    other.send(t="nick", nick="영희")
    owner.until(lambda frame: frame.kind == "renamed" and frame.text("nick") == "영희")


def test_what_is_not_registered_is_not_given_up(server: InProcess) -> None:
    client = registered(server.json("영희"))
    refused = asked(client, t="unregister", id=9, nick="\x1b[31m남의이름")
    assert (refused.text("code"), "\x1b" in refused.text("text")) == ("no_such_nick", False)


def test_whoever_speaks_plain_learns_how_to_register(server: InProcess) -> None:
    plain, witness = server.plain("영희"), server.json("철수")
    for line in ("/등록", "/REGISTER", "/등록해제 영희"):
        plain.send_line(line)
    barrier(plain, plain, witness, text="끝")
    assert plain.lines.count(f"{phrases.NOTICE}{phrases.REGISTERING_NEEDS_CLIENT}") == 3
    assert witness.public == ["영희> 끝"]


def test_an_address_may_register_so_much(server: InProcess) -> None:
    limits = PerAddress(registering=Rate(2, 0.001))
    with in_process(config=Config(per_address=limits, limit_loopback=True)) as limited:
        for nick in ("하나", "둘"):
            registered(limited.json(nick))
        refused = asked(limited.json("셋"), t="register", id=5)
        assert (refused.text("code"), refused.text("text")) == ("rate_limited", phrases.REGISTERING_TOO_OFTEN)


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    with in_process(store=SqliteStore(tmp_path / "soksak.db")) as first:
        owner = registered(first.json("영희"))
    with in_process(store=SqliteStore(tmp_path / "soksak.db")) as second:
        stranger = second.json_stranger()
        stranger.send(t="hello", v=1, nick="영희", client=stranger.secret)
        assert stranger.refused("nick_reserved").text("text") == OTHERS_NICK
        assert second.json("영희", secret=owner.secret).uid == owner.uid


def test_on_a_full_disk_nothing_is_registered() -> None:
    store = FullStore()
    with in_process(store=store) as server:
        owner = server.json("영희")
        store.is_full = True
        assert asked(owner, t="register", id=5).text("code") == "storage_full"
        store.is_full = False
        assert store.registered() == ()
        registered(owner)
        assert [name.nick for name in store.registered()] == ["영희"]


# --- who may ask ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("peer", "is_sealed"), [(ELSEWHERE, True), (Peer.of("127.0.0.1"), False)])
def test_who_cannot_be_overheard_may_register(peer: Peer, is_sealed: bool) -> None:
    check_registering(peer, Addresses(PerAddress()), 0.0, is_sealed=is_sealed)


def test_from_elsewhere_it_takes_tls() -> None:
    with pytest.raises(Refusal) as refused:
        check_registering(ELSEWHERE, Addresses(None), 0.0, is_sealed=False)
    assert (refused.value.code, refused.value.text) == (Code.BAD_STATE, phrases.REGISTERING_NEEDS_TLS)


def test_an_address_gets_its_share_back_with_time() -> None:
    addresses = Addresses(PerAddress(registering=Rate(1, 0.1)))
    check_registering(ELSEWHERE, addresses, 0.0, is_sealed=True)
    with pytest.raises(Refusal):
        check_registering(Peer.of(ELSEWHERE.address), addresses, 9.0, is_sealed=True)
    check_registering(Peer.of("203.0.113.6"), addresses, 9.0, is_sealed=True)
    check_registering(ELSEWHERE, addresses, 10.0, is_sealed=True)


# --- in the room ------------------------------------------------------------------------------------------------------


def kept(nick: str, uid: str, seen_ms: int = AT) -> Registration:
    return Registration(nickname_key(nick), nick, uid, AT, seen_ms)


def room_with(*names: Registration, seated: tuple[KeptSeat, ...] = ()) -> LoggedRoom:
    store = Memory()
    store.append((), names)
    return LoggedRoom(store, Rules(grace_s=30), seated=seated)


def register(room: LoggedRoom, seat: Seat[str]) -> Done | Refusal:
    [(holder, answer)] = room.play(asking(seat, Register(3))).answers
    assert holder == seat.holder
    assert isinstance(answer, Done | Refusal)
    return answer


def test_three_are_kept_and_a_fourth_names_them() -> None:
    room = room_with()
    seat = room.seat("하나")
    for nick in ("둘", "셋", "넷"):
        assert isinstance(register(room, seat), Done)
        room.play(asking(seat, Rename(nick)))
    refused = register(room, seat)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.question) == (Code.NICK_LIMIT, 3)
    assert refused.text == phrases.too_many_registered(["하나", "둘", "셋"])


def test_three_are_kept_for_all_nicknames_of_an_installation() -> None:
    room = room_with()
    for number, nick in enumerate(("하나", "둘", "셋")):
        assert isinstance(register(room, room.seat(nick, f"{number:016}", device=YOUNGHEE)), Done)
    seat = room.seat("넷", CHEOLSU, device=YOUNGHEE)
    assert isinstance(register(room, seat), Refusal)
    room.play(asking(seat, Unregister(4, "하나")))
    assert isinstance(register(room, seat), Done)


def test_any_nickname_of_an_installation_keeps_its_names() -> None:
    room = room_with(kept("영희", YOUNGHEE))
    room.now_ms = AT + 80 * MS_PER_DAY
    room.seat("철수", CHEOLSU, device=YOUNGHEE)
    room.now_ms += 200 * MS_PER_DAY
    room.play()
    assert [name.nick for name in room.store.registered()] == ["영희"]


def test_what_was_not_seen_for_long_may_be_taken() -> None:
    room = room_with(kept("영희", YOUNGHEE))
    room.now_ms = AT + 90 * MS_PER_DAY
    with pytest.raises(Refusal):
        room.enter("영희", MINSU)
    room.now_ms += SEEN_EVERY_MS
    assert room.enter("영희", MINSU).seat.uid == MINSU
    assert room.store.registered() == ()


def test_being_here_under_another_nickname_keeps_it() -> None:
    room = room_with(kept("영희", YOUNGHEE))
    room.now_ms = AT + 80 * MS_PER_DAY
    seat = room.seat("yh", YOUNGHEE)
    assert room.store.registered() == (kept("영희", YOUNGHEE, room.now_ms),)
    room.now_ms += 200 * MS_PER_DAY
    room.play(leaving(seat))
    room.now_ms += 80 * MS_PER_DAY
    with pytest.raises(Refusal):
        room.enter("영희", MINSU)


def test_the_owner_waits_for_whoever_sits_there_and_is_told_so() -> None:
    """As when the log comes from a backup: seats and names of different days."""
    room = room_with(kept("영희", YOUNGHEE), seated=(KeptSeat(MINSU, "영희"),))
    squatter = room.seat("영희", MINSU)
    with pytest.raises(Refusal) as refused:
        room.enter("영희", YOUNGHEE)
    assert (refused.value.code, refused.value.text) == (Code.NICK_IN_USE, phrases.own_nick_in_use("영희"))
    assert isinstance(register(room, squatter), Refusal)
    room.play(leaving(squatter))
    with pytest.raises(Refusal):
        room.enter("영희", MINSU)
    assert room.enter("영희", YOUNGHEE).seat.uid == YOUNGHEE


def test_nobody_who_looks_alike_keeps_the_owner_out() -> None:
    """`min1` is not taken for `MINI`, but the other way round it would be. A seat may be older than the name, in a log from a backup."""
    room = room_with(kept("MINI", YOUNGHEE), seated=(KeptSeat(CHEOLSU, "min1"),))
    for nick in ("MINI", "min1", "M1N1"):
        with pytest.raises(Refusal):
            room.enter(nick, MINSU)
    seat = room.seat("MINI", YOUNGHEE)
    room.play(asking(seat, Rename("영희")))
    room.play(asking(seat, Rename("MINI")))
    assert room.nicks() == ["min1", "MINI"]


def test_what_is_registered_in_one_form_is_no_way_beside_another_in_a_second_form() -> None:
    """`mini` is not taken for `min1`, but `MINI` is."""
    room = room_with(kept("mini", YOUNGHEE))
    room.enter("min1", CHEOLSU)
    with pytest.raises(Refusal) as refused:
        room.enter("MINI", YOUNGHEE)
    assert refused.value.text == phrases.nick_look_alike("MINI", "min1")
    seat = room.seat("mini", YOUNGHEE)
    assert isinstance(room.play(asking(seat, Rename("MINI"))).answers[0][1], Refusal)


def test_a_round_that_is_not_committed_registers_nothing() -> None:
    room = room_with()
    seat = room.seat("영희")
    played = room.room.play([asking(seat, Register(1)), leaving(seat)], room.store.head)
    assert [name.nick for name in played.names if isinstance(name, Registration)] == ["영희"]
    room.room.roll_back(played)
    room.play(leaving(seat))
    assert room.enter("영희", MINSU).seat.uid == MINSU


def test_registering_and_giving_up_in_one_round_leaves_nothing() -> None:
    room = room_with()
    seat = room.seat("영희")
    played = room.play(asking(seat, Register(1)), asking(seat, Unregister(2)))
    assert [answer.id for _, answer in played.answers if isinstance(answer, Done)] == [1, 2]
    assert played.names[-1] == Released("영희")
    assert room.store.registered() == ()


def test_of_two_in_one_round_who_asks_first_has_it() -> None:
    """Renamed away from it, somebody else takes it, and only then the first one registers: what it is called by then."""
    room = room_with()
    first = room.seat("영희", YOUNGHEE)
    newcomer = entering("영희", CHEOLSU, "철수")
    room.play(asking(first, Register(1)), asking(first, Rename("영이")), newcomer)
    with pytest.raises(Refusal) as refused:
        newcomer.verdict.result(0)
    assert refused.value.code is Code.NICK_RESERVED
