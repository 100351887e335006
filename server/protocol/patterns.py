"""Regular expressions that are compiled when they are first used. Pure, safe on any thread.

With wide ranges of characters in it, one takes Python up to 2 ms to compile. What a program needs only for odd text, or only later,
is therefore not compiled at its start.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial


def when_used(regex: str, flags: re.RegexFlag = re.NOFLAG) -> Callable[[], re.Pattern[str]]:
    """What gives `regex` compiled, the first time and ever after; two threads at once may both compile it, to the same."""
    return lru_cache(maxsize=1)(partial(re.compile, regex, flags))
