"""Who is away is told besides the log, to everybody once, and never before what it is about."""

from server.log.tail import Tail
from server.presences import KEPT, Presences
from server.protocol import jsonlines
from server.protocol.events import Joined, Presence
from server.protocol.framing import Dialect
from server.subscriber import Subscriber
from tests.support.samples import CHEOLSU, MINSU, YOUNGHEE, batch, joined
from tests.support.seams import Memory
from tests.support.wires import Wire

AWAY = Presence(YOUNGHEE, "영희", online=False)
BACK = Presence(YOUNGHEE, "영희", online=True)


class Reader:
    """철수, who reads a log of which nothing is in the store."""

    def __init__(self, wire: Wire, dialect: Dialect = Dialect.JSON) -> None:
        self.presences = Presences()
        self.tail = Tail(0, 1000, 1_000_000)
        self.wire = wire
        self.straggled = 0
        self.subscriber = Subscriber(wire.channel, dialect, CHEOLSU, self._on_straggle)
        self.subscriber.start_after(0)

    def _on_straggle(self, _who: Subscriber) -> None:
        self.straggled += 1

    def tell(self, *presences: Presence) -> None:
        self.presences.append(presences)
        self.subscriber.tell(self.presences)

    def catch_up(self) -> None:
        while not self.subscriber.catch_up(self.tail, Memory(), self.presences):
            pass

    def heard(self) -> list[object]:
        return [jsonlines.decode_frame(line) for line in self.wire.received().splitlines()]


def test_who_is_caught_up_hears_it_at_once(wire: Wire) -> None:
    reader = Reader(wire)
    reader.catch_up()
    reader.tell(AWAY, BACK)
    assert reader.heard() == [AWAY, BACK]


def test_who_lags_hears_it_after_what_came_before(wire: Wire) -> None:
    reader = Reader(wire)
    reader.tail.append(batch(joined(1)))
    reader.tell(AWAY)
    assert reader.heard() == []
    reader.catch_up()
    assert [type(frame) for frame in reader.heard()] == [Joined, Presence]
    reader.tell(BACK)
    assert reader.heard() == [BACK]


def test_a_newcomer_is_not_told_again_what_its_welcome_said(wire: Wire) -> None:
    reader = Reader(wire)
    reader.presences.append([AWAY, BACK])
    reader.subscriber.start_after(0, presences=1)
    reader.catch_up()
    assert reader.heard() == [BACK]


def test_a_plain_client_is_told_nothing(wire: Wire) -> None:
    reader = Reader(wire, Dialect.PLAIN)
    reader.tell(AWAY)
    reader.catch_up()
    reader.tell(BACK)
    assert wire.received() == b""


def test_who_does_not_read_is_read_on_by_its_cursor(narrow: Wire) -> None:
    reader = Reader(narrow)
    reader.catch_up()
    reader.tell(*[AWAY, BACK] * 1000)
    assert (reader.straggled, reader.subscriber.live) == (1, False)
    reader.tell(AWAY)
    data = b""
    while not reader.subscriber.catch_up(reader.tail, Memory(), reader.presences):
        data += narrow.received()
    data += narrow.received()
    assert [jsonlines.decode_frame(line) for line in data.splitlines()] == [*[AWAY, BACK] * 1000, AWAY]


def test_what_is_kept_of_it_is_bounded() -> None:
    presences = Presences()
    presences.append([Presence(MINSU, "민수", online=bool(number % 2)) for number in range(KEPT + 7)])
    block, last = presences.after(0)
    assert (block.count(b"\n"), last) == (KEPT, KEPT + 7)
    assert presences.after(last) == (b"", last)
