"""Whether there is a server to talk to, and whether our files can be kept. Looks at the network and at files; changes nothing."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import disk_usage
from typing import Final, assert_never

from tui_client import strings
from tui_client.doctor.checks import Check, caution, good, problem
from tui_client.doctor.server_probe import (
    Alive,
    Doubtful,
    Foreign,
    ServerState,
    Silent,
    Stranger,
    Unwilling,
    ask_server,
)
from tui_client.local_server import DATABASE_NAME
from tui_client.settings import FILE_NAME, Settings
from tui_client.trust import Trust
from tui_client.wire import Address

_SLOW_S: Final = 0.3
_MIN_FREE_BYTES: Final = 100 * 1024 * 1024
_DATABASE_BEGINS: Final = b"SQLite format 3\0"


def server_checks(address: Address, trust: Trust, *, is_default: bool) -> Iterator[Check]:
    """Asks whoever listens at `address`."""
    yield from judge_server(ask_server(address, trust), address, is_default=is_default)
    for notice in trust.take_notices():
        yield caution(strings.DOCTOR_SECURITY, notice, strings.DOCTOR_KNOWN_SERVERS_ADVICE)


def judge_server(state: ServerState, address: Address, *, is_default: bool) -> Iterator[Check]:
    title = strings.DOCTOR_SERVER
    match state:
        case Alive(version, round_trip_s):
            yield good(title, strings.doctor_server(str(address), version))
            yield from _security(state)
            yield _round_trip(round_trip_s)
        case Stranger(fingerprint):
            yield caution(title, strings.doctor_stranger(str(address), fingerprint), strings.DOCTOR_STRANGER_ADVICE)
        case Doubtful(text):
            yield problem(title, text, strings.DOCTOR_DOUBTFUL_ADVICE)
        case Silent() if is_default:
            yield good(title, strings.DOCTOR_SERVER_NONE)
        case Silent(text):
            yield problem(title, text, strings.DOCTOR_SERVER_ADVICE)
        case Foreign():
            yield problem(title, strings.not_soksak(str(address)), strings.DOCTOR_PORT_TAKEN_ADVICE)
        case Unwilling(text):
            yield problem(title, text, strings.DOCTOR_VERSION_ADVICE)
        case _:
            assert_never(state)


def _security(state: Alive) -> Iterator[Check]:
    """How a connection is kept from others, and by what the server is known."""
    title, secured = strings.DOCTOR_SECURITY, state.secured
    if secured is not None:
        yield good(title, strings.doctor_secured(secured.version, is_verified=secured.is_verified))
        yield good(strings.DOCTOR_FINGERPRINT, secured.fingerprint)
    elif state.is_exposed:
        yield caution(title, strings.EXPOSED, strings.DOCTOR_EXPOSED_ADVICE)
    else:
        yield good(title, strings.DOCTOR_LOCAL)


def _round_trip(seconds: float) -> Check:
    title, finding = strings.DOCTOR_ROUND_TRIP, strings.doctor_round_trip(seconds)
    return good(title, finding) if seconds < _SLOW_S else caution(title, finding, strings.DOCTOR_SLOW_ADVICE)


def file_checks(state_folder: Path, settings_folder: Path, *, is_default: bool) -> Iterator[Check]:
    """Our folders and what is in them. Only with the default address is the local server's database of interest."""
    if not state_folder.is_absolute():  # the system doesn't know where a home folder is
        yield problem(strings.DOCTOR_STATE_FOLDER, strings.DOCTOR_NO_HOME, strings.DOCTOR_NO_HOME_ADVICE)
        return
    yield _state_folder(state_folder)
    yield _settings(settings_folder)
    if is_default:
        yield _database(state_folder / DATABASE_NAME)


def _state_folder(folder: Path) -> Check:
    title = strings.DOCTOR_STATE_FOLDER
    if not _is_writable(folder):
        return problem(title, strings.folder_not_writable(str(folder)), strings.DOCTOR_FOLDER_ADVICE)
    free_bytes = disk_usage(_existing(folder)).free
    if free_bytes < _MIN_FREE_BYTES:
        return caution(title, strings.doctor_disk_low(free_bytes), strings.DOCTOR_DISK_ADVICE)
    return good(title, str(folder))


def _settings(folder: Path) -> Check:
    title, path = strings.DOCTOR_SETTINGS, folder / FILE_NAME
    _, notice = Settings.load(folder)
    if notice:
        return caution(title, notice.replace("\n", " "), strings.DOCTOR_SETTINGS_IGNORED)
    return good(title, str(path) if path.exists() else strings.DOCTOR_SETTINGS_NONE)


def _database(path: Path) -> Check:
    title, advice = strings.DOCTOR_DATABASE, f"{strings.DOCTOR_DATABASE_ADVICE}: {path}"
    try:
        size_bytes = path.stat().st_size
        with path.open("rb") as file:
            begins = file.read(len(_DATABASE_BEGINS))
    except FileNotFoundError:
        return good(title, strings.DOCTOR_DATABASE_NONE)
    except OSError:
        return problem(title, strings.DOCTOR_DATABASE_UNUSABLE, advice)
    if begins not in (b"", _DATABASE_BEGINS):
        return problem(title, strings.DOCTOR_DATABASE_FOREIGN, advice)
    if not os.access(path, os.W_OK):
        return problem(title, strings.DOCTOR_DATABASE_UNUSABLE, advice)
    return good(title, strings.doctor_database(str(path), size_bytes))


def _is_writable(folder: Path) -> bool:
    """Or could be made."""
    existing = _existing(folder)
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest above it that is there."""
    return next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder)
