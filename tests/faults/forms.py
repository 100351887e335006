"""The long and the short form of each workload, by name: the benchmark runs either, the tests the short ones."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tests.faults.figures import Outcome
from tests.faults.workloads import clock, crowds, forgetting, kills, network, storage

Workload = Callable[[Path], Outcome]


LONG: Final[Mapping[str, Workload]] = {
    "server-kills": partial(kills.server_kills, senders=8, messages=2000, readers=16, kills=50),
    "client-kills": partial(kills.client_kills, kills=200),
    "cuts": partial(network.cuts, samples=1000, at_once=5),
    "disk-full": partial(storage.full_disk, fills=10, senders=8, messages=100),
    "sync-fails": partial(storage.failing_sync, times=10, messages=300),
    "forgetting": partial(forgetting.forgetful_log, absences=20),
    "half-open": network.half_open,
    "drip": partial(network.bad_network, trouble=network.DRIPS, calm_s=10, rough_s=20),
    "resets": partial(network.bad_network, trouble=network.RESETS, calm_s=10, rough_s=20),
    "both-close": partial(network.bad_network, trouble=network.BOTH_CLOSE, calm_s=10, rough_s=20),
    "stalled-readers": partial(crowds.stalled_readers, readers=100, stalled=50, calm_s=10, rough_s=60, rate=20),
    "nickname-race": partial(crowds.nickname_race, threads=200, rounds=100),
    "clock": partial(clock.clock_jumps, messages=500),
    "stampede": partial(crowds.stampede, clients=300, processes=4),
    "backup": partial(storage.restored_backup, clients=20, messages=500),
}

SHORT: Final[Mapping[str, Workload]] = {
    "server-kills": partial(kills.server_kills, senders=3, messages=400, readers=4, kills=5),
    "client-kills": partial(kills.client_kills, kills=20),
    "cuts": partial(network.cuts, samples=100, at_once=5),
    "disk-full": partial(storage.full_disk, fills=1, senders=2, messages=50),
    "sync-fails": partial(storage.failing_sync, times=1, messages=50),
    "forgetting": partial(forgetting.forgetful_log, absences=2),
    "drip": partial(network.bad_network, trouble=network.DRIPS, calm_s=1, rough_s=2),
    "resets": partial(network.bad_network, trouble=network.RESETS, calm_s=1, rough_s=2),
    "both-close": partial(network.bad_network, trouble=network.BOTH_CLOSE, calm_s=1, rough_s=2),
    "stalled-readers": partial(crowds.stalled_readers, readers=20, stalled=10, calm_s=2, rough_s=10, rate=100),
    "nickname-race": partial(crowds.nickname_race, threads=200, rounds=10),
    "clock": partial(clock.clock_jumps, messages=20),
    "stampede": partial(crowds.stampede, clients=50, processes=2),
    "backup": partial(storage.restored_backup, clients=4, messages=20),
}
"""All but `half-open`, which takes as long as it takes."""
