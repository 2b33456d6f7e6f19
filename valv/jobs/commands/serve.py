"""``valv serve``: the portal and the API over HTTP, by granian."""

import argparse
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from ipaddress import ip_address
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, AddressFamily, socket

from django.conf import settings
from granian import Granian
from granian.constants import Interfaces

from valv.core.errors import Misconfigured
from valv.jobs.command import OK, Asked

HELP = "serve the portal and the API"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--no-work", action="store_true", help="leave the worker to `valv work`"
    )
    parser.add_argument("--tls-certificate", type=Path)
    parser.add_argument("--tls-key", type=Path)


def run(asked: Asked) -> int:
    tls = bool(asked.tls_certificate and asked.tls_key)
    _check_address(asked.host, tls=tls)
    _check_port(asked.host, asked.port)
    with nullcontext() if asked.no_work else _worker():
        _serve(asked)
    return OK


@contextmanager
def _worker() -> Iterator[None]:
    """The worker as a process of its own, for as long as the server runs."""
    module = [sys.executable, "-m", "valv.config.main"]
    command = [*module, "work", "--parent", str(os.getpid())]
    with subprocess.Popen(command) as process:  # noqa: S603 -- our own command
        try:
            yield
        finally:
            process.terminate()


def _is_news(said: logging.LogRecord) -> bool:
    """Whether granian says more than how many threads it would like.

    It advises two a core, for Python that computes. Ours wait for disks, databases and
    slow lines. The remedy that it names bounds connections, and idle ones count.
    """
    return not str(said.msg).startswith("Configuration allows spawning up to")


def _serve(asked: Asked) -> None:
    logging.getLogger("_granian").addFilter(_is_news)
    Granian(
        "valv.config.wsgi:application",
        address=asked.host,
        port=asked.port,
        interface=Interfaces.WSGI,
        workers=asked.workers,
        blocking_threads=settings.VALV_THREADS,
        ssl_cert=asked.tls_certificate,
        ssl_key=asked.tls_key,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()


def _check_address(host: str, *, tls: bool) -> None:
    """Personal data crosses a network only under TLS, ours or a proxy's."""
    if tls or settings.VALV_TRUSTED_PROXY or _is_local(host):
        return
    raise Misconfigured(
        "Serving on another address than this machine's own needs --tls-certificate "
        "and --tls-key, or VALV_TRUSTED_PROXY=1 behind a proxy that ends TLS."
    )


def _check_port(host: str, port: int) -> None:
    """Two servers would share a port without a word, whatever archives they serve."""
    family = AddressFamily.AF_INET6 if ":" in host else AddressFamily.AF_INET
    with socket(family) as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError):
            raise Misconfigured(
                f"Port {port} of {host} cannot be had: something else listens there, "
                "or it is not this machine's to give. Choose another with --port."
            ) from None


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
