"""The way in: binds, accepts, gives each client its thread, and stops everything in order.

One thread accepts. It decides nothing that depends on what a client sends: that is the client's own thread's.
"""

import errno
import logging
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from threading import Thread

from server import config as defaults
from server.certificate import Certificate
from server.channel import Channel
from server.client_threads import ClientThreads
from server.config import Config
from server.connection import handle_client
from server.guards import guards_for
from server.line_reader import Goodbye
from server.log.store import Store, StoreError
from server.moderating import banned
from server.peer import Peer
from server.protocol import phrases, plain
from server.reception import Place, Reception
from server.services import Services, services_for
from server.tls import tls_for

logger = logging.getLogger(__name__)

_ELSEWHERE = "203.0.113.1"
"""An address of nobody's (RFC 5737), beyond every local network."""

MAX_PAUSE_S = 0.002
"""After whoever took us d comes the next no sooner than min(this, 2·d) later. Whoever else wants to run must wait for us some ten times
until a message is heard, and each time for as long as we may run: without pauses hundreds who knock at once make of one ms many."""

OUT_OF_DESCRIPTORS_PAUSE_S = 0.05
JOIN_S = 1.5
"""How long a stop waits for the clients' threads: their farewell, and a margin; the whole stop is promised within 2 s."""

ABORTED_S = 0.1
"""And for those that had to be cut off."""


class ListenError(Exception):
    """The address can't be listened on, or there are no threads to do it. `text` says in Korean why and what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def bind(host: str, port: int) -> socket.socket:
    """A TCP socket over IPv4, bound, not yet listening. Raises ListenError."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # SO_REUSEADDR would let two servers share a port there
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(defaults.LISTEN_BACKLOG)
    except (OSError, UnicodeError, TypeError) as error:
        listening.close()
        raise ListenError(_explanation(host, port, error)) from error
    return listening


def _explanation(host: str, port: int, error: OSError | UnicodeError | TypeError) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return phrases.port_in_use(host, port)
    if code in (errno.EACCES, errno.EPERM):
        return phrases.port_forbidden(host, port)
    return phrases.address_unusable(host)


def address_for_others(host: str) -> str | None:
    """Where others find a server that listens on `host`: this machine's own address if that is all of them; None without a network."""
    if not ip_address(host).is_unspecified:
        return host
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe, suppress(OSError):
        probe.connect((_ELSEWHERE, 9))  # nothing is sent; the system only chooses the address that it would send from
        return str(probe.getsockname()[0])
    return None


class Server:
    """All parts of one running server. `start`, then `stop`, both on the thread that owns it.

    `on_failure` is called, on any thread, when the server can't go on: the owner should stop it then.
    """

    def __init__(self, services: Services, listening: socket.socket, on_failure: Callable[[], None]) -> None:
        self._services = services
        self._reception = Reception(services.config, services.addresses, self._find_ban)
        self._listening = listening
        self._on_failure = on_failure
        self._loss: StoreError | None = None
        """What the log was found to lack when it was closed."""
        self._is_accepting_troubled = False
        self._clients = ClientThreads(self._serve)
        self._accepting = Thread(target=self._accept, name="accept")

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, with the real port."""
        host, port = self._listening.getsockname()
        return str(host), int(port)

    @property
    def certificate(self) -> Certificate | None:
        """What it shows to those who speak TLS, if it does so."""
        tls = self._services.tls
        return None if tls is None else tls.certificate

    def renew_certificate(self, now: datetime) -> Certificate | None:
        """Show those who come from now on what is in the certificate's files now; None if this server speaks no TLS.

        Raises CertificateError, and then all stays as it was.
        """
        tls = self._services.tls
        return None if tls is None else tls.renew(now)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Korean sentences about the files of its secrets."""
        return self._services.guards.warnings

    @property
    def storage_failure(self) -> str | None:
        """Why the log can't be written any more, or is not whole, and what to do, if that is so."""
        failure = self._services.sequencer.storage_failure or self._loss
        return None if failure is None else failure.text

    def idle_s(self) -> float:
        """For how many seconds there has been no connection at all."""
        return self._clients.idle_s()

    def start(self) -> None:
        """Begin to accept. Raises RuntimeError when the system gives us no more threads, and then nothing goes on."""
        try:
            self._services.sequencer.start()
            self._services.broadcaster.start()
            self._services.doorkeeper.start()
            self._accepting.start()
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        """Tell the clients, let everything that was said be committed, and close; within 2 s."""
        deadline = time.monotonic() + JOIN_S
        self._services.stopping.set()
        self._services.store.hurry()
        if self._accepting.is_alive():
            self._accepting.join()
        self._listening.close()
        if not self._clients.wait_until_gone(deadline):
            for place in self._clients.served:
                place.channel.abort()
        self._services.sequencer.stop()
        self._clients.wait_until_gone(time.monotonic() + ABORTED_S)
        self._services.broadcaster.stop()
        self._services.doorkeeper.stop()
        try:
            self._services.store.close()
        except StoreError as error:
            self._loss = error
        self._services.stopping.close()

    # --- the accepting thread -----------------------------------------------------------------------------------------

    def _accept(self) -> None:
        self._listening.setblocking(False)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._listening, selectors.EVENT_READ)
                selector.register(self._services.stopping, selectors.EVENT_READ)
                while not self._services.stopping.is_set():
                    selector.select()
                    began_s = time.monotonic()
                    self._accept_one()
                    time.sleep(min(MAX_PAUSE_S, 2 * (time.monotonic() - began_s)))
        except Exception:
            logger.exception("nobody is let in any more")
            self._on_failure()

    def _find_ban(self, peer: Peer) -> Goodbye | None:
        """What is said to those who may not come in, wherever they are on their way; the room looks once more when they are there."""
        now_ms = _now_ms()
        ban = self._services.room.standing.ban_of_address(peer.address, now_ms)
        if ban is None:
            return None
        refusal = banned(ban, now_ms)
        return Goodbye(refusal.code, refusal.text, until_ms=refusal.until_ms)

    def _accept_one(self) -> None:
        try:
            connection, address = self._listening.accept()
        except BlockingIOError:
            return  # the client was gone before we came
        except OSError as error:
            self._pause_accepting(error)
            return
        self._is_accepting_troubled = False
        self._give_thread(connection, Peer.of(str(address[0])))

    def _pause_accepting(self, error: OSError) -> None:
        """Without descriptors only waiting helps; it is said once, not twenty times a second."""
        if not self._is_accepting_troubled:
            self._is_accepting_troubled = True
            logger.warning("accept failed: %s", error)
        time.sleep(OUT_OF_DESCRIPTORS_PAUSE_S)

    def _give_thread(self, connection: socket.socket, peer: Peer) -> None:
        with suppress(OSError):  # gone already, and some systems say so here; then it is found out by reading, too
            _tune(connection)
        channel = Channel(connection)
        try:
            place = self._reception.admit(channel, peer, time.monotonic())
        except Goodbye as goodbye:
            self._turn_away(channel, peer, goodbye.text)
            return
        try:
            self._clients.start(place)
        except RuntimeError:
            logger.warning("no thread for a client")
            self._reception.go(place)
            self._turn_away(channel, peer, phrases.SERVER_FULL)

    def _turn_away(self, channel: Channel, peer: Peer, text: str) -> None:
        """There is not even a thread to find out in which dialect to say it: a JSON client skips the sentence and sees us close."""
        if self._services.tls is None or peer.is_loopback:  # else it would be no answer to whoever begins with TLS
            channel.send(plain.encode_notice(text))
        channel.close(0)

    def _serve(self, place: Place) -> None:
        try:
            handle_client(place, self._services)
        finally:
            self._reception.stand_up(place)
            self._services.doorkeeper.forget(place.channel)
            place.channel.close(self._services.config.timeouts.farewell_s)
            self._reception.go(place)


def _now_ms() -> int:
    """Milliseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1_000_000


def _tune(connection: socket.socket) -> None:
    """Send at once what is to be sent, and find out within a minute that a peer is gone without a word."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPALIVE", 20), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):  # systems call them differently, or don't have them
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def start_server(config: Config, store_of: Callable[[Config], Store], on_failure: Callable[[], None]) -> Server:
    """Bind first, so that a second server touches nothing, then open the log, then accept.

    Raises ListenError, CertificateError, SecretFileError, StoreError.
    """
    threading.stack_size(defaults.THREAD_STACK_BYTES)
    sys.setswitchinterval(defaults.SWITCH_INTERVAL_S)
    try:
        return _started_server(config, store_of, on_failure)
    except RuntimeError as error:
        raise ListenError(phrases.NO_THREADS) from error


def _started_server(config: Config, store_of: Callable[[Config], Store], on_failure: Callable[[], None]) -> Server:
    with ExitStack() as opened:
        listening = opened.enter_context(bind(config.host, config.port))
        tls = tls_for(config, str(listening.getsockname()[0]), datetime.now(UTC))
        guards = guards_for(config)
        store = opened.enter_context(closing(store_of(config)))
        services = services_for(config, store, tls, guards, _now_ms, on_failure)
        server = Server(services, listening, on_failure)
        opened.pop_all()
    server.start()
    return server
