"""Every Korean sentence of the client, a module for each screen or part; read as one: `strings.EMPTY_ROOM`.

Nothing is decided here; the room's own words are in `server.protocol.phrases`. A sentence says what happened and what to do next.
Nicknames and addresses are given as text and must have been cleaned.
"""

from tui_client.strings.chat import *
from tui_client.strings.choosing import *
from tui_client.strings.command_line import *
from tui_client.strings.connection import *
from tui_client.strings.doctor import *
from tui_client.strings.helping import *
from tui_client.strings.line_mode import *
from tui_client.strings.log import *
from tui_client.strings.moderating import *
from tui_client.strings.notifications import *
from tui_client.strings.searching import *
from tui_client.strings.secrets import *
from tui_client.strings.settings import *
from tui_client.strings.trust import *
from tui_client.strings.typing import *
