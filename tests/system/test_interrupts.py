"""Ctrl+C comes when whoever starts a process knows it, neither before nor never."""

import signal

import pytest

from tests.support.interrupts import HeldBack


def test_what_comes_while_a_process_is_started_comes_when_it_is_known() -> None:
    before, known = signal.getsignal(signal.SIGINT), []

    def start() -> None:
        with HeldBack() as interrupts:
            signal.raise_signal(signal.SIGINT)
            known.append("the process")
            interrupts.release()
            known.append("what comes later")

    with pytest.raises(KeyboardInterrupt):
        start()
    assert known == ["the process"]
    assert signal.getsignal(signal.SIGINT) is before


def test_it_comes_though_the_process_could_not_be_started() -> None:
    before = signal.getsignal(signal.SIGINT)

    def start() -> None:
        with HeldBack():
            signal.raise_signal(signal.SIGINT)
            raise FileNotFoundError

    with pytest.raises(KeyboardInterrupt):
        start()
    assert signal.getsignal(signal.SIGINT) is before
