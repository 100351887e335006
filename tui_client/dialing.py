"""From a name to a connection over which anything may be said: lookup, TCP, TLS, and whether it is the right server. Link's thread.

A server that is trusted, or for which somebody vouches, takes one connection. One for which nobody does takes a second: on that its
certificate is looked at and its user asked, and then it goes on. There is no way from TLS back to a connection without.
"""

import errno
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tui_client import strings
from tui_client.conversation import Timing
from tui_client.trust import LOCALHOST, VERIFIED, Nothing, Pin, Plaintext, Trust, Verify, is_loopback
from tui_client.wire import Address, BrokenWire, Lookup, Unreachable, Wire, is_numeric

if TYPE_CHECKING:  # not needed to chat with this machine
    import ssl

    from tui_client.tls import Flaw, HandshakeFailed, Session, Whom

_LOOKUP_S: Final = 15.0
"""Longer than any resolver's first two tries."""


class Secured(Struct, frozen=True):
    """The connection is TLS, and its other end the right one. `is_verified`: somebody vouches for it; else it is known."""

    version: str
    fingerprint: str
    is_verified: bool


class Untrusted(Exception):
    """Nothing was said to who is there, and won't be another time either; `text` is the Korean sentence that says why.

    `says_all`: also what is to be done before another attempt has any use.
    """

    def __init__(self, text: str, *, says_all: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.says_all = says_all


class Changed(Exception):
    """Who is there shows another certificate, with the fingerprint `shown`; `expected` is a fingerprint or `VERIFIED`."""

    def __init__(self, plan: Pin | Verify, shown: str) -> None:
        super().__init__(shown)
        self.expected = plan.fingerprint if isinstance(plan, Pin) else VERIFIED
        self.is_remembered = plan.is_remembered
        self.shown = shown


class Dialer:
    """Connects `wire`. `left_s` says how long is left until a time on the clock, which is nothing once it is to be given up.

    `ask` is given a fingerprint and answers whether it is the right server's; it may take as long as it likes, and the connection
    may be gone by then. `now` is the time by which certificates are judged.
    """

    def __init__(
        self,
        address: Address,
        trust: Trust,
        wire: Wire,
        timing: Timing,
        *,
        clock: Callable[[], float],
        left_s: Callable[[float], float],
        ask: Callable[[str], bool],
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._address = address
        self._trust = trust
        self._wire = wire
        self._timing = timing
        self._clock = clock
        self._left_s = left_s
        self._ask = ask
        self._now = now
        self._contexts: dict[Whom, ssl.SSLContext] = {}

    def connect(self) -> Secured | None:
        """Connect; how it is secured, if it is. Raises Unreachable, Untrusted, Changed."""
        plan = self._trust.plan()
        if isinstance(plan, Nothing):
            raise Untrusted(strings.remembered_unreadable(str(self._address)), says_all=True)
        addresses = self._resolve()
        if isinstance(plan, Plaintext):
            self._reach(addresses)
            return None
        from tui_client.tls import Flaw, HandshakeFailed

        try:
            session = self._secured(addresses, plan)
        except HandshakeFailed as failed:
            if not (failed.flaw is Flaw.SELF_SIGNED and isinstance(plan, Verify) and plan.ca is None):
                raise self._problem(failed, plan) from None
            session = self._introduced(addresses, plan)
        if isinstance(plan, Verify) and session.is_verified:
            self._trust.note_verified(plan)
        return Secured(session.version, session.fingerprint, session.is_verified)

    # --- lookup and TCP -----------------------------------------------------------------------------------------------

    def _resolve(self) -> Sequence[tuple[str, int]]:
        host, port = self._address.host, self._address.port
        if (
            host.lower() == LOCALHOST
        ):  # whatever a name server says: it is trusted to be this machine (RFC 6761, section 6.3)
            return [("127.0.0.1", port)]
        if is_numeric(host):
            return [(host, port)]
        lookup = Lookup(self._address, self._wire.wake)
        deadline_s = self._clock() + _LOOKUP_S
        while not lookup.is_done and (left_s := self._left_s(deadline_s)) > 0:
            self._wire.wait(left_s)
        return lookup.addresses

    def _reach(self, addresses: Sequence[tuple[str, int]], session: "Session | None" = None) -> None:
        error_number = 0
        for numeric in addresses:
            deadline_s = self._clock() + self._timing.connect_s
            try:
                if self._wire.connect(numeric, partial(self._left_s, deadline_s), session):
                    return
                error_number = errno.ETIMEDOUT
            except OSError as error:
                error_number = error.errno or 0
        raise Unreachable(strings.cannot_connect(str(self._address), error_number))

    # --- TLS ----------------------------------------------------------------------------------------------------------

    def _secured(self, addresses: Sequence[tuple[str, int]], whom: "Whom") -> "Session":
        """Raises Unreachable, HandshakeFailed."""
        session = self._session(whom)
        self._reach(addresses, session)
        deadline_s = self._clock() + self._timing.tls_s
        try:
            if not self._wire.secure(partial(self._left_s, deadline_s)):
                raise Unreachable(strings.tls_stalled(str(self._address)))
        except BrokenWire:
            raise Unreachable(strings.tls_cut(str(self._address))) from None
        return session

    def _session(self, whom: "Whom") -> "Session":
        from tui_client.tls import Session, context_for, utc_now

        if whom not in self._contexts:
            try:
                self._contexts[whom] = context_for(whom)
            except OSError:  # the file was there when the program started
                raise Untrusted(strings.not_issued_by_ca(str(self._address))) from None
        return Session(self._contexts[whom], self._address.host, whom, self._now or utc_now)

    def _introduced(self, addresses: Sequence[tuple[str, int]], plan: Verify) -> "Session":
        """A session with whoever is there, if that is whom the user means."""
        from tui_client.tls import Anyone, HandshakeFailed

        try:
            session = self._secured(addresses, Anyone())
        except HandshakeFailed as failed:
            raise self._problem(failed, plan) from None
        fingerprint = session.fingerprint
        if not plan.may_ask:
            raise Changed(plan, fingerprint)
        if not self._ask(fingerprint):
            raise Untrusted(strings.not_trusted(str(self._address)))
        self._trust.accept(fingerprint)
        session.accept()
        if self._wire.is_connected:
            return session
        pin = Pin(fingerprint)
        try:
            return self._secured(addresses, pin)
        except HandshakeFailed as failed:
            raise self._problem(failed, pin) from None

    def _problem(self, failed: "HandshakeFailed", plan: Pin | Verify) -> Exception:
        from tui_client.tls import Flaw

        if failed.flaw is Flaw.CHANGED and isinstance(plan, Pin):
            return Changed(plan, failed.fingerprint)
        if failed.flaw is Flaw.FAILED:
            return Unreachable(strings.tls_failed(str(self._address)))
        was_other = failed.flaw is Flaw.NOT_TLS and plan.is_remembered
        return Untrusted(self._sentence(failed.flaw, failed.day, plan), says_all=was_other)

    def _sentence(self, flaw: "Flaw", day: str, plan: Pin | Verify) -> str:
        from tui_client.tls import Flaw

        address = str(self._address)
        match flaw:
            case Flaw.SELF_SIGNED | Flaw.ISSUER_UNKNOWN if isinstance(plan, Verify) and plan.ca is not None:
                return strings.not_issued_by_ca(address)
            case Flaw.SELF_SIGNED | Flaw.ISSUER_UNKNOWN:
                return strings.issuer_unknown(address)
            case Flaw.OF_ANOTHER:
                return strings.certificate_of_another(address)
            case Flaw.EXPIRED:
                return strings.certificate_expired(address, day)
            case Flaw.NOT_YET_VALID:
                return strings.certificate_not_yet_valid(address, day)
            case Flaw.TOO_OLD:
                return strings.tls_too_old(address)
            case Flaw.NOT_TLS:
                is_wanted = is_loopback(self._address.host)
                return strings.not_tls(address, is_wanted=is_wanted, was_trusted=plan.is_remembered)
            case _:
                return strings.certificate_unverifiable(address)
