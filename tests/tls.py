"""A certificate for names of this machine, and a server that speaks TLS with it."""

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path


class Certificate:
    """A self-signed certificate for localhost and shop.example, made in a folder."""

    def __init__(self, folder: Path) -> None:
        self.file, self._key = folder / "certificate.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,DNS:shop.example", "-keyout", self._key, "-out", self.file],
            check=True, capture_output=True,
        )  # fmt: skip

    @property
    def trust(self) -> ssl.SSLContext:
        """Whoever trusts this certificate, and no other."""
        return ssl.create_default_context(cafile=str(self.file))

    def context(self) -> ssl.SSLContext:
        """A server's side."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self._key)
        return context


@contextlib.contextmanager
def running_tls_server(certificate: Certificate, answer: Callable[[ssl.SSLSocket], None]) -> Iterator[int]:
    """Let `answer` have each connection, until the block ends; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=[listener, certificate.context(), answer], daemon=True).start()
        yield int(listener.getsockname()[1])
        # A blocked accept() survives close(); what is shut down wakes.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, context: ssl.SSLContext, answer: Callable[[ssl.SSLSocket], None]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connected, _ = listener.accept()
            threading.Thread(target=_answer, args=[connected, context, answer], daemon=True).start()


def _answer(connected: socket.socket, context: ssl.SSLContext, answer: Callable[[ssl.SSLSocket], None]) -> None:
    with contextlib.suppress(OSError), context.wrap_socket(connected, server_side=True) as secure:
        answer(secure)
