"""A real name server on loopback, for a zone that tests write."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class NameServer:
    """Answers TXT questions from `texts`, by name without the last dot. `asked` are the names it was asked for."""

    place: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, packet: bytes) -> bytes:
        question = dns.message.from_wire(packet)
        name = question.question[0].name
        text = name.to_text(omit_final_dot=True)
        self.asked.append(text)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA | dns.flags.RA
        if text in self.texts:
            values = [_quoted(value) for value in self.texts[text]]
            answer.answer.append(dns.rrset.from_text_list(name, 300, "IN", "TXT", values))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


def _quoted(value: str) -> str:
    """A value as a zone file holds it: in pieces of at most 255 characters; here shorter, as some providers cut them."""
    return " ".join(f'"{value[start : start + 40]}"' for start in range(0, len(value), 40))


@contextlib.contextmanager
def running_name_server() -> Iterator[NameServer]:
    """Run it until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = NameServer(f"127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=_serve, args=[listener, server])
        thread.start()
        yield server
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", listener.getsockname())
        thread.join()


def _serve(listener: socket.socket, server: NameServer) -> None:
    while True:
        packet, sender = listener.recvfrom(4096)
        if not packet:
            return
        listener.sendto(server.answer(packet), sender)
