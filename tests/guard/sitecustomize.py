"""No connection leaves the machine: in every Python that has this folder on its path, the tests' own included.

Python loads this module by itself when it starts. A connection that is not local is refused and noted in the file that
`NOTES` names, so that a test fails for it even where an `except` takes the error. What does not go through Python's
sockets is not seen; tests/promises/test_6_no_network.py takes the network away for that.
"""

from __future__ import annotations

import os
import sys

NOTES = "REPLATE_TEST_CONNECTIONS"


def _watch(event: str, given: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host: object = given[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = given[1]
        host = address[0] if isinstance(address, tuple) else None  # a Unix socket's address is no tuple
    else:
        return
    if not _is_local(host):
        said = f"{event} to {host!r} in process {os.getpid()}: {' '.join(sys.argv)[:300]}"
        if NOTES in os.environ:
            notes = os.open(os.environ[NOTES], os.O_WRONLY | os.O_APPEND)
            os.write(notes, f"{said}\n".encode())
            os.close(notes)
        raise ConnectionRefusedError(f"tests use no network: {said}")


def _is_local(host: object) -> bool:
    """Whether a name or an address means this machine."""
    import ipaddress  # not at every start

    name = host.decode() if isinstance(host, bytes) else str(host or "")
    try:
        return name in ("", "localhost") or ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


sys.addaudithook(_watch)
