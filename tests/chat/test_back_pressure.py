"""Whoever takes nothing is not waited for, neither while staying nor while going."""

from dataclasses import replace

from server.config import Config
from tests.support.in_process import PATIENT, SHORT, in_process
from tests.support.json_client import JsonClient
from tests.support.samples import records, said
from tests.support.seams import Memory
from tests.support.waiting import until


def test_who_accepts_nothing_is_ended_though_the_system_took_all_that_was_sent() -> None:
    """The last block went into the system's buffers as a whole: nothing waits on our side, and still nothing gets through."""
    store = Memory()
    store.append(records(*(said(seq, "가" * 2000) for seq in range(1, 1501))))
    with in_process(store=store, timeouts=SHORT) as room:
        witness, sleeper = room.json("철수"), room.json_stranger(reading=False)
        resume = {"epoch": store.epoch, "seq": 0}
        sleeper.send(t="hello", v=1, nick="영희", client=sleeper.secret, resume=resume)
        gone = witness.until(lambda frame: frame.kind == "left", SHORT.slow_reader_s + 5)
        assert (gone.text("nick"), gone.text("reason")) == ("영희", "slow")


def test_a_seat_is_free_as_soon_as_its_client_has_left_though_the_connection_lingers() -> None:
    config, timeouts = Config(max_clients=1), replace(PATIENT, farewell_s=60)
    with in_process(config=config, timeouts=timeouts) as room:
        leaving = room.json("영희")
        leaving.leave()
        leaving.wait_until_closed()
        assert len(room.channels) == 1, "it waits for the end of the other side"
        until(lambda: is_let_in(room.json_stranger()))


def is_let_in(newcomer: JsonClient) -> bool:
    newcomer.send(t="hello", v=1, nick="철수", client=newcomer.secret)
    return newcomer.until(lambda frame: frame.kind in ("welcome", "closing")).kind == "welcome"


def test_a_list_of_members_follows_what_was_asked_for_before_it() -> None:
    with in_process() as room:
        client = room.plain("영희")
        client.send_line("/닉 영이\n/목록\n/닉 영희\n/목록")
        client.wait_for_line("[알림] 지금 1명이 있습니다: 영희")
        assert client.refusals == [
            "영희님이 영이님으로 바꾸셨습니다.",
            "지금 1명이 있습니다: 영이",
            "영이님이 영희님으로 바꾸셨습니다.",
            "지금 1명이 있습니다: 영희",
        ]
