"""A real S3 store for tests: Ceph, one node, in memory, on loopback.

The fixture ``ceph`` starts monitor, object store and gateway once a run, from
Debian's packages, in a directory of its own, and kills them at the end. It never
touches a cluster of the machine, and needs no network.
"""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.missing import missing

PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool")
PACKAGES = "apt-get install ceph-mon ceph-osd radosgw ceph-common"
ACCESS_KEY = "valvtest"
SECRET_KEY = "valv-test-secret"
START_SECONDS = 90
# So that no daemon outlives a run that was itself killed.
DYING_WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()

# Authentication between the daemons is off, which the gateway only accepts when the
# monitor modes say ``crc``; without those lines it hangs for minutes. A monitor gathers
# what changes for a second before it says so, and a start is a dozen changes. Without
# ``tcp_nodelay`` the gateway keeps a small answer back for 40 ms.
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon},v1:127.0.0.1:{mon_v1}]
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = {folder}
log file = {folder}/$name.log
pid file = {folder}/$name.pid
admin socket = {folder}/$name.asok
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
mon data avail warn = 1
mon data avail crit = 1
paxos propose interval = 0.01
paxos min wait = 0.01
[mon.a]
mon data = {folder}/mon
[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd memory target = 939524096
[client.rgw]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{http} tcp_nodelay=1
rgw thread pool size = 32
rgw run sync thread = false
rgw override bucket index max shards = 1
rgw dynamic resharding = false
"""


@dataclass(frozen=True)
class Ceph:
    """A running gateway and the only user it knows."""

    endpoint: str
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY

    def client(self) -> Any:
        """Return an independent client, to look behind Valv's back."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(
                proxies={},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            ),
        )

    def new_bucket(self) -> str:
        """Make an empty bucket and return its name."""
        name = f"valv-{uuid.uuid4().hex[:12]}"
        with closing(self.client()) as client:
            client.create_bucket(Bucket=name)
        return name


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class _Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fsid = str(uuid.uuid4())
        self.mon, self.mon_v1, self.http = _free_ports(3)
        self.daemons: list[subprocess.Popen[bytes]] = []

    def start(self) -> Ceph:
        self._write_configuration()
        self._start_monitor()
        self._start_object_store()
        self._start_gateway()
        return Ceph(endpoint=f"http://127.0.0.1:{self.http}")

    def stop(self) -> None:
        # Nothing in it is worth a clean stop, and the daemons take seconds over one.
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGKILL)
            daemon.wait()

    def _write_configuration(self) -> None:
        for name in ("mon", "osd", "rgw"):
            (self.folder / name).mkdir()
        text = CONFIGURATION.format(**vars(self))
        (self.folder / "ceph.conf").write_text(text)

    def _start_monitor(self) -> None:
        address = f"[v2:127.0.0.1:{self.mon},v1:127.0.0.1:{self.mon_v1}]"
        monmap = str(self.folder / "monmap")
        self._plain(
            "monmaptool",
            "--create",
            "--fsid",
            self.fsid,
            "--addv",
            "a",
            address,
            monmap,
        )
        self._run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap)
        self._spawn("ceph-mon", "-i", "a", "-f")

    def _start_object_store(self) -> None:
        osd = str(uuid.uuid4())
        self._run("ceph", "osd", "new", osd)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._spawn("ceph-osd", "-i", "0", "-f")

    def _start_gateway(self) -> None:
        self._spawn("radosgw", "-n", "client.rgw", "-f")
        self._wait_for_gateway()
        self._run(
            *("radosgw-admin", "user", "create", "--uid", "valv"),
            *("--display-name", "valv"),
            *("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY),
        )

    def _wait_for_gateway(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                pytest.fail(f"The Ceph gateway did not start in {START_SECONDS} s.")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with closing(HTTPConnection("127.0.0.1", self.http, timeout=5)) as connection:
            try:
                connection.request("GET", "/")
                return connection.getresponse().status == 200
            except OSError:
                return False

    def _run(self, program: str, *arguments: str) -> None:
        self._plain(program, "-c", str(self.folder / "ceph.conf"), *arguments)

    def _plain(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=START_SECONDS)

    def _spawn(self, program: str, *arguments: str) -> None:
        log = self.folder / f"{program}.out"
        configuration = str(self.folder / "ceph.conf")
        with log.open("wb") as out:
            daemon = subprocess.Popen(
                [*DYING_WITH_US, program, "-c", configuration, *arguments],
                stdout=out,
                stderr=out,
            )
        self.daemons.append(daemon)


@pytest.fixture(scope="session")
def ceph() -> Iterator[Ceph]:
    """Run a Ceph cluster for the tests that ask; it starts in about a second."""
    if not all(shutil.which(program) for program in PROGRAMS):
        missing("ceph", PACKAGES)
    # The sockets' paths must be short, which pytest's own folders are not.
    with tempfile.TemporaryDirectory(prefix="valv-", dir="/tmp") as folder:
        cluster = _Cluster(Path(folder))
        try:
            yield cluster.start()
        finally:
            cluster.stop()
