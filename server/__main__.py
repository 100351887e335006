"""chat-server: arguments → Config → serve; exit codes.

0: stopped as asked. 1: something outside prevents it, said in one Korean sentence on stderr. 2: wrong options.
"""

import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import platformdirs

from server.archive import back_up_to_file, export_to, export_to_file
from server.arguments import leave_output_alone, say, speak_utf8
from server.certificate import CertificateError
from server.config import Config
from server.core_dumps import leave_no_core
from server.listener import ListenError, Server, address_for_others, start_server
from server.log.keeping import Keep
from server.log.sqlite import SqliteStore
from server.log.store import MemoryStore, Store, StoreError
from server.log_lines import LineHandler
from server.options import STANDARD_OUTPUT, Options, read_options
from server.peer import Peer
from server.protocol import phrases
from server.protocol.fingerprint import fingerprint_rows
from server.secret_file import SecretFileError
from server.secret_setting import Kind, NotSet, set_secret
from server.signals import Signals, Wish

logger = logging.getLogger(__name__)

IDLE_CHECK_S = 0.25

WANTED_DESCRIPTORS = 10_240
"""Where the system sets no limit of its own; macOS allows no more."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop; the exit code."""
    speak_utf8()
    leave_no_core()
    options = read_options(arguments, platformdirs.user_state_path("soksak", appauthor=False))
    _log_to(sys.stderr, options.log_level)
    config = options.config
    if options.new_secret is not None:
        return _set_secret(*options.new_secret)
    if config.db is not None and (options.export or options.backup):
        return _copy(config.db, options)
    return _serve(config)


def _serve(config: Config) -> int:
    """Until it is told to stop, or can't go on."""
    _raise_descriptor_limit()
    signals = Signals()
    try:
        server = start_server(config, _open_store, signals.on_failure)
    except (ListenError, CertificateError, SecretFileError, StoreError) as error:
        print(error.text, file=sys.stderr)
        return 1
    try:
        _announce(server, config)
        _wait(signals, server, config.exit_when_idle_s)
    finally:
        server.stop()
    if not signals.has_failed and server.storage_failure is None:
        return 0
    print(server.storage_failure or phrases.SERVER_FAILED, file=sys.stderr)
    return 1


def _set_secret(kind: Kind, path: Path) -> int:
    """What was asked for instead of serving."""
    try:
        _say(set_secret(kind, path))
    except NotSet as problem:
        print(problem.text, file=sys.stderr)
        return 1
    return 0


def _copy(db: Path, options: Options) -> int:
    """What was asked for instead of serving."""
    try:
        if options.backup is not None:
            _say(back_up_to_file(db, options.backup))
        elif options.export is not None and options.export != STANDARD_OUTPUT:
            _say(export_to_file(db, options.export))
        else:
            _export_to_output(db)
    except StoreError as error:
        print(error.text, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads our output wants no more of it
        return 1
    return 0


def _export_to_output(db: Path) -> None:
    """Raises StoreError, BrokenPipeError."""
    if sys.stdout is None:  # started with it closed
        raise StoreError(phrases.file_unwritable(phrases.OUTPUT))
    try:
        export_to(db, sys.stdout.buffer)
    except BrokenPipeError:
        leave_output_alone()
        raise
    except OSError as error:
        leave_output_alone()
        raise StoreError(phrases.file_unwritable(phrases.OUTPUT)) from error


def _say(text: str) -> None:
    """On our output, if anybody reads it."""
    if not say(text):
        logger.warning("nobody reads our output")


def _log_to(stderr: TextIO | None, level: str) -> None:
    """Started with stderr closed there is none, and its descriptor may become anything, a client's socket too."""
    logging.logThreads = False  # see client_threads
    handler = logging.NullHandler() if stderr is None else LineHandler(stderr.fileno())
    log_format = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level.upper(), handlers=[handler], format=log_format)


def _announce(server: Server, config: Config) -> None:
    for warning in _warnings(server, config):
        print(warning, file=sys.stderr)
    _say("\n".join(_announcement(server)))


def _announcement(server: Server) -> list[str]:
    """Where it is, and if others can come, how, and what they are to compare."""
    lines = [phrases.listening(*server.address)]
    if server.certificate is not None:
        lines.append(phrases.CERTIFICATE_FINGERPRINT)
        lines.extend(f"  {row}" for row in fingerprint_rows(server.certificate.fingerprint))
        host, port = server.address
        if not Peer.of(host).is_loopback:
            lines.append(phrases.how_to_come_in(address_for_others(host) or phrases.OWN_ADDRESS, port))
    return lines


def _warnings(server: Server, config: Config) -> list[str]:
    warnings = [*server.warnings, *(() if server.certificate is None else server.certificate.warnings)]
    if config.password_file is None and not Peer.of(server.address[0]).is_loopback:
        warnings.append(phrases.OPEN_TO_ALL)
    return [*warnings, phrases.PLAINTEXT_ALLOWED] if config.allow_plaintext else warnings


def _wait(signals: Signals, server: Server, exit_when_idle_s: float | None) -> None:
    """Until there is a reason to stop."""
    while True:
        match signals.wait(None if exit_when_idle_s is None else IDLE_CHECK_S):
            case Wish.STOP:
                return
            case Wish.RENEW:
                _renew_certificate(server)
            case None:
                if exit_when_idle_s is not None and server.idle_s() >= exit_when_idle_s:
                    return


def _renew_certificate(server: Server) -> None:
    """Told by the log's lines, which wait for nobody: a terminal that is held would keep us from hearing the next signal."""
    try:
        certificate = server.renew_certificate(datetime.now(UTC))
    except CertificateError as error:
        logger.error(phrases.certificate_kept(error.text))  # noqa: TRY400 -- what is wrong is said
        return
    if certificate is None:
        logger.warning(phrases.NO_CERTIFICATE)
        return
    logger.info(phrases.certificate_renewed(certificate.fingerprint))
    for warning in certificate.warnings:
        logger.warning(warning)


def _open_store(config: Config) -> Store:
    if config.db is None:
        return MemoryStore(config.memory_events, config.memory_bytes)
    return SqliteStore(config.db, Keep(config.keep_events, config.keep_days))


def _raise_descriptor_limit() -> None:
    """As many sockets as the system lets us have; many give a process 1,024 unless it asks."""
    if sys.platform == "win32":
        return
    import resource  # does not exist there

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    with suppress(ValueError, OSError):  # then it stays as it is
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    sys.exit(main())
