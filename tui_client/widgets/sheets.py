"""Where the style sheets are. Knows no widget.

Two of them, since reading a rule takes 0.05 ms, and every rule that is known makes every styling slower: what the first picture needs
is read before it, the rest right after it.
"""

from pathlib import Path
from typing import Final

CHAT: Final = Path(__file__).parents[1] / "chat.tcss"

OVER: Final = CHAT.with_name("over.tcss")
"""Of what lies over the chat. Whatever has its rules there names it as its `CSS_PATH`, and has them wherever it is shown."""
