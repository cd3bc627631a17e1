"""dnsmasq: a resolver that knows the names it is told, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dns.exception
import dns.message
import dns.query

from tests.lab.process import Command, Program

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Dnsmasq:
    """One resolver. `hosts` maps a name to its addresses, whose order rotates with each answer."""

    name: str
    hosts: Mapping[str, tuple[str, ...]]
    port: int = 0

    @property
    def place(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, home: Path) -> Command:
        """Write the hosts file."""
        lines = [f"{address} {name}\n" for name, addresses in self.hosts.items() for address in addresses]
        (home / "hosts").write_text("".join(lines))
        return Command(
            (
                Program("dnsmasq", "dnsmasq-base").path(),
                "--keep-in-foreground",
                f"--port={self.port}",
                "--listen-address=127.0.0.1",
                "--bind-interfaces",
                "--no-resolv",
                "--no-hosts",
                "--conf-file=/dev/null",
                # Otherwise the missing AAAA of a name is refused instead of answered with nothing.
                *(f"--local=/{name}/" for name in self.hosts),
                f"--addn-hosts={home / 'hosts'}",
                "--local-ttl=5",
                f"--pid-file={home / 'dnsmasq.pid'}",
                "--log-facility=-",
                "--cache-size=0",
                "--user=",
                "--group=",
            )
        )

    def ready(self) -> bool:
        """Whether it answers."""
        question = dns.message.make_query(f"{next(iter(self.hosts))}.", "A")
        try:
            dns.query.udp(question, "127.0.0.1", timeout=0.5, port=self.port)
        except (OSError, dns.exception.DNSException):
            return False
        return True
