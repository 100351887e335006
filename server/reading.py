"""How a client's own thread reads the past for it: no faster than its address may have it, and than the client takes it."""

import time

from server.addresses import Addresses
from server.channel import Channel, Wakeup
from server.line_reader import Gone, Goodbye
from server.peer import Peer
from server.protocol import phrases
from server.protocol.errors import Code
from server.rounds import LOST


class PacedReading:
    """One client's share of its address's reading."""

    __slots__ = "_addresses", "_channel", "_peer", "_stopping", "turnstile"

    def __init__(self, channel: Channel, peer: Peer, addresses: Addresses, stopping: Wakeup) -> None:
        self._channel = channel
        self._peer = peer
        self._addresses = addresses
        self._stopping = stopping
        self.turnstile = addresses.readers
        """To be held while something is read, and no longer."""

    @property
    def must_wait(self) -> bool:
        """Whether nothing may be read just now."""
        return self._addresses.reading_wait_s(self._peer, time.monotonic()) > 0

    def wait_turn(self) -> None:
        """Wait until something may be read. Raises Gone when there is nobody any more to read it for."""
        now_s = time.monotonic()
        until_s = now_s + self._addresses.reading_wait_s(self._peer, now_s)
        if self._channel.breaks_before(until_s, self._stopping):
            raise Gone(LOST)

    def charge(self, events: int) -> None:
        """So many were read."""
        self._addresses.charge(self._peer, events, time.monotonic())


def wait_until_taken(channel: Channel, max_backlog_bytes: int, slow_reader_s: float) -> None:
    """Wait until the client has taken all but so much of what it was sent. Raises Goodbye when it takes nothing for `slow_reader_s`."""
    while not channel.drain(max_backlog_bytes, channel.progress_at + slow_reader_s):
        if time.monotonic() - channel.progress_at >= slow_reader_s:
            raise Goodbye(Code.SLOW, phrases.SLOW)
