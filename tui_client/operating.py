"""Being an operator: the key, shown once more on every connection, and whether the server has taken it. Pure state.

The key is held here and nowhere else, for as long as the program runs. Whatever frame a method returns is to be sent.
"""

from collections.abc import Callable
from typing import Final, assert_never

from server.protocol.errors import Code
from server.protocol.events import (
    Announce,
    Ban,
    BecomeOperator,
    Done,
    Kick,
    ListSanctions,
    Mute,
    OperatorCommand,
    Refused,
    Unban,
    Unmute,
)
from server.protocol.password import Password
from server.protocol.text import excerpt
from tui_client import intents, strings
from tui_client.conversation import MAX_SENTENCE

MAX_TARGET: Final = 64
"""Characters of an address that are shown: the longest network has 43."""


class Operating:
    """What this client knows of its being an operator. `next_id` gives numbers that nobody else uses for questions."""

    def __init__(self, next_id: Callable[[], int]) -> None:
        self._next_id = next_id
        self._key: Password | None = None
        self._was_taken = False
        """Whether the key was right, on whichever connection."""
        self._shown_to = ""
        self._asked = 0

    @property
    def is_operator(self) -> bool:
        """Whether the server has said so since there was a connection last."""
        return self._key is not None and self._was_taken and not self._asked

    @property
    def has_key(self) -> bool:
        """Whether there is a key that the server takes, as far as is known."""
        return self._key is not None

    def show_key(self, key: Password, other_end: str) -> BecomeOperator:
        """Be an operator from now on, if the key is right, of the server that is known by `other_end` (see `Link.other_end`)."""
        self._key, self._was_taken, self._shown_to = key, False, other_end
        return self._ask(key)

    def come_in(self, other_end: str) -> BecomeOperator | None:
        """There is a new connection, which knows nothing of the last one. To another server the key is not shown unasked: then it is
        forgotten.
        """
        if self._key is None:
            return None
        if other_end != self._shown_to:
            self._key, self._was_taken, self._asked = None, False, 0
            return None
        return self._ask(self._key)

    def is_asked(self, question: int | None) -> bool:
        """Whether the question with this number is whether the key is right."""
        return bool(self._asked) and question == self._asked

    @property
    def is_asking(self) -> bool:
        """Whether the server has yet to say whether the key is right."""
        return bool(self._asked)

    def give_up_asking(self) -> None:
        """The answer went to a connection that is no more."""
        self._asked = 0

    def is_key(self, typed: str) -> bool:
        """Whether `typed` is the key, which nobody else may read."""
        return self._key is not None and Password(typed.strip()) == self._key

    def take(self, answer: Done | Refused) -> str:
        """Take in the answer to that; what its user should be told. A wrong key is forgotten."""
        self._asked = 0
        if isinstance(answer, Done):
            is_again, self._was_taken = self._was_taken, True
            return strings.IS_OPERATOR_AGAIN if is_again else excerpt(answer.text, MAX_SENTENCE)
        if answer.code == Code.AUTH_FAILED or not self._was_taken:
            self._key = None
        return excerpt(answer.text, MAX_SENTENCE)

    def _ask(self, key: Password) -> BecomeOperator:
        self._asked = self._next_id()
        return BecomeOperator(self._asked, key)


def order_of(meant: intents.OperatorIntent, number: int) -> OperatorCommand:
    """What is to be sent for `meant`; the answer comes under `number`."""
    match meant:
        case intents.Kick(nick):
            return Kick(number, nick)
        case intents.Ban(target, for_s):
            return Ban(number, target, for_s)
        case intents.Unban(target):
            return Unban(number, target)
        case intents.Mute(nick, for_s):
            return Mute(number, nick, for_s)
        case intents.Unmute(nick):
            return Unmute(number, nick)
        case intents.Announce(text):
            return Announce(number, text)
        case intents.ShowSanctions():
            return ListSanctions(number)
        case _:
            assert_never(meant)
