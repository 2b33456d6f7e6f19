"""A proxy that loses answers: what came through was done, and nobody is told.

For S3 on loopback; it speaks no HTTP, and only looks at how a request begins.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from urllib.parse import urlsplit

VERBS = {b"GET", b"PUT", b"POST", b"HEAD", b"DELETE"}


class LossyProxy:
    """Passes everything on, save the answers to the requests it is told to lose."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname
        assert parts.port
        self._upstream = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lose: Callable[[bytes], bool] = lambda _: False
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.lost = 0

    def lose_answers_to(self, wanted: Callable[[bytes], bool], *, times: int) -> None:
        """Lose the next answers to requests whose first bytes are ``wanted``."""
        self.lost = 0
        self._lose = lambda request: self.lost < times and wanted(request)

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                caller = self._listener.accept()[0]
                Thread(target=self._carry, args=(caller,), daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _carry(self, caller: socket.socket) -> None:
        with caller, socket.create_connection(self._upstream) as store:
            requests: list[bytes] = []
            sending = Thread(target=_carry_requests, args=(caller, store, requests))
            sending.start()
            with suppress(OSError):
                self._carry_answers(caller, store, requests)
            # Closing alone would wait for the other thread's read to end.
            for end in (caller, store):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            sending.join()

    def _carry_answers(
        self, caller: socket.socket, store: socket.socket, requests: list[bytes]
    ) -> None:
        while answer := store.recv(65536):
            # An interim "100 Continue" is passed on: the body has yet to come.
            if not answer.startswith(b"HTTP/1.1 100") and self._lose(requests[-1]):
                self.lost += 1
                return
            caller.sendall(answer)


def _carry_requests(
    caller: socket.socket, store: socket.socket, requests: list[bytes]
) -> None:
    with suppress(OSError):
        while sent := caller.recv(65536):
            if sent.split(b" ", 1)[0] in VERBS:
                requests.append(sent)
            store.sendall(sent)
        store.shutdown(socket.SHUT_WR)


@contextmanager
def lossy_proxy(upstream: str) -> Iterator[LossyProxy]:
    """Run a proxy before the store at ``upstream``."""
    proxy = LossyProxy(upstream)
    thread = Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
