"""chat-server on a network that others can reach: what it makes and says, who comes in and how, and who does not."""

import ssl
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.listener import address_for_others
from server.protocol import phrases
from server.protocol.fingerprint import fingerprint_of
from tests.support.certificates import DAY, NOW, issue
from tests.support.crowd import Crowd
from tests.support.json_client import JsonClient
from tests.support.line_client import LineClient
from tests.support.plain_client import PlainClient
from tests.support.process_client import ProcessClient
from tests.support.room import OpenRoom, Room, barrier
from tests.support.server_process import ServerProcess, run_server
from tests.support.tls import trusting
from tests.support.tools import need

OPEN = ("--memory", "--host", "0.0.0.0")
CROWD, LINES_EACH = 150, 300


@pytest.fixture
def public(open_room: OpenRoom) -> Room:
    """A room that other machines can reach."""
    return open_room(*OPEN)


@pytest.fixture
def own_address() -> str:
    """This machine's address on its network: whoever uses it is not on loopback."""
    address = address_for_others("0.0.0.0")
    if address is None:
        pytest.skip("no network")
    return address


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def shown_fingerprint(host: str, port: int) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, port))))


# --- what it makes and says -------------------------------------------------------------------------------------------


def test_its_certificate_is_made_once_kept_private_and_announced(home: Path) -> None:
    announced = []
    for _ in range(2):
        with ServerProcess(home, *OPEN) as server:
            announced.append(server.fingerprint)
            assert announced[-1] == shown_fingerprint("127.0.0.1", server.port)
    assert announced[0] == announced[1]
    folder = home / "state" / "soksak"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *sorted(folder.glob("server.*")))] == [
        *(0o700, 0o600, 0o600)
    ]


def test_it_says_how_others_come_in(public: Room, own_address: str) -> None:
    port = public.server.port
    assert public.server.announcement[6:] == [phrases.how_to_come_in(own_address, port)]
    assert f"ncat --ssl {own_address} {port}" in public.server.announcement[-1]


def test_at_loopback_it_says_nothing_of_it_and_makes_nothing(room: Room) -> None:
    assert len(room.server.announcement) == 1
    assert list(room.server.home.glob("state/soksak/server.*")) == []


def test_a_given_certificate_is_what_clients_can_verify(tmp_path: Path, home: Path) -> None:
    cert, key = issue(tmp_path, "127.0.0.1")
    with ServerProcess(home, "--memory", "--cert", str(cert), "--key", str(key)) as server:
        assert server.fingerprint == shown_fingerprint("127.0.0.1", server.port)
        assert not (home / "state" / "soksak" / "server.key").exists()


def test_one_that_has_expired_is_warned_of(tmp_path: Path, home: Path) -> None:
    cert, key = issue(tmp_path, not_before=NOW - 9 * DAY, not_after=NOW - 2 * DAY)
    with ServerProcess(home, "--memory", "--cert", str(cert), "--key", str(key)) as server:
        assert phrases.certificate_expired(str(cert), f"{NOW - 2 * DAY:%Y-%m-%d}") in server.stderr


@pytest.mark.parametrize("option", ["--cert", "--key"])
def test_one_without_the_other_is_a_wrong_option(tmp_path: Path, home: Path, option: str) -> None:
    result = run_server(home, "--memory", option, str(issue(tmp_path)[0]))
    assert result.returncode == 2
    assert result.stderr.splitlines()[0] == phrases.CERT_AND_KEY


def test_a_certificate_that_is_not_there_is_one_sentence(tmp_path: Path, home: Path) -> None:
    missing = str(tmp_path / "missing.pem")
    result = run_server(home, "--port", "0", "--db", str(tmp_path / "chat.db"), "--cert", missing, "--key", missing)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [phrases.file_missing(missing)]
    assert not (tmp_path / "chat.db").exists(), "nothing was touched"


# --- who comes in -----------------------------------------------------------------------------------------------------


def test_others_are_told_to_use_tls_and_come_in_with_it(public: Room, own_address: str) -> None:
    port = public.server.port
    with LineClient(port, host=own_address) as plain, LineClient(port, host=own_address) as json:
        plain.send_line("영희")
        json.send_line('{"t":"hello","v":1}')
        plain.wait_until_closed()
        json.wait_until_closed()
        assert plain.lines == [phrases.NOTICE + phrases.TLS_REQUIRED]
        assert '"tls_required"' in json.lines[0]
    with LineClient(port, host=own_address, tls=trusting()) as secured:
        secured.send_line("영희")
        secured.wait_for_line("영희님이 입장하셨습니다.")


def test_this_machine_may_do_without(public: Room) -> None:
    public.plain("영희")
    public.json("철수")


def test_others_may_too_if_the_owner_says_so(open_room: OpenRoom, own_address: str) -> None:
    room = open_room(*OPEN, "--allow-plaintext")
    assert phrases.PLAINTEXT_ALLOWED in room.server.stderr
    for tls in (None, trusting()):
        with LineClient(room.server.port, host=own_address, tls=tls) as client:
            client.wait_for_line(phrases.ASK_NICKNAME)
            client.send_line("영희")
            client.wait_for_line("영희님이 입장하셨습니다.")


PROGRAMS: dict[str, Callable[[str, int], list[str]]] = {
    "ncat": lambda host, port: [need("ncat"), "--ssl", host, str(port)],
    "openssl": lambda host, port: [need("openssl"), "s_client", "-quiet", "-connect", f"{host}:{port}"],
    "openssl of TLS 1.2": lambda host, port: [
        *(need("openssl"), "s_client", "-quiet", "-tls1_2", "-connect", f"{host}:{port}")
    ],
    "socat": lambda host, port: [need("socat"), "-", f"OPENSSL:{host}:{port},verify=0"],
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_common_program_chats_over_tls(
    public: Room, own_address: str, program: Callable[[str, int], list[str]]
) -> None:
    friend, other = public.plain("철수"), public.json("민수")
    with ProcessClient(program(own_address, public.server.port)) as peer:
        peer.wait_for_line(phrases.ASK_NICKNAME)
        peer.send_line("영희")
        peer.wait_for_line("영희님이 입장하셨습니다.")
        friend.speak("어서 오세요, 한글도 됩니다")
        peer.wait_for_line("철수> 어서 오세요, 한글도 됩니다")
        peer.send_line("안녕하세요 여러분")
        barrier(friend, friend, other)
        for member in (friend, other):
            member.hear("영희> 안녕하세요 여러분")
        other.whisper("영희", "비밀")
        peer.wait_for_line("[귓속말] 민수> 비밀")
        peer.send_line("/종료")
        friend.wait_for_line("영희님이 퇴장하셨습니다.")


def test_openssl_is_refused_what_is_too_old(public: Room) -> None:
    arguments = ("-quiet", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect", f"127.0.0.1:{public.server.port}")
    with ProcessClient([need("openssl"), "s_client", *arguments]) as peer:
        peer.wait_for_line(lambda line: "alert protocol version" in line)
        peer.wait_until_ended()


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(home: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    cert, key = issue(tmp_path)
    with ServerProcess(home, "--memory", "--log-level", "warning", "--cert", str(cert), "--key", str(key)) as one:
        yield one


def test_many_over_tls_who_all_talk_at_once_lose_nothing(server: ServerProcess) -> None:
    with ExitStack() as clients:
        plain = clients.enter_context(PlainClient(server.port)).enter("구경꾼")
        json = clients.enter_context(JsonClient(server.port, tls=trusting())).enter("기록자")
        crowd = clients.enter_context(Crowd(("127.0.0.1", server.port), CROWD, trusting()))
        crowd.talk(LINES_EACH, 60)
        assert {member.lines for member in crowd.members} == {CROWD * LINES_EACH}
        assert len({member.digest for member in crowd.members}) == 1
        heard = [line for line in crowd.first.decode().splitlines() if line.startswith("사람")]
        for member in crowd.members:
            said = [line for line in heard if line.startswith(f"{member.nick}> ")]
            assert said == [f"{member.nick}> {line}" for line in member.script]
        for witness in (plain, json):
            witness.hear(heard[-1])
            assert [line for line in witness.public if line.startswith("사람")] == heard
