"""Listen on a port at almost no cost; become the real server when the first client comes.

    python -I -S wait_for_use.py HOST PORT COMMAND...

That client is told to come again (503, code "starting"); the next ones are refused until the server
listens. Nothing that was sent here has been done, so callers may send it again.
"""

import os
import socket
import sys
import time

_BODY = b'{"detail": "It is starting.", "code": "starting"}'
_ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)
_SILENCE_SECONDS, _LONGEST_SECONDS = 0.3, 2.0
_PIECE = 65536


def main(host: str, port: str, *command: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, int(port)), family=family) as listener:
        client, _ = listener.accept()
    with client:
        _send_away(client)
    os.execv(command[0], command)


def _send_away(client: socket.socket) -> None:
    client.settimeout(_SILENCE_SECONDS)
    until = time.monotonic() + _LONGEST_SECONDS
    try:
        client.sendall(_ANSWER)
        client.shutdown(socket.SHUT_WR)
        # What is left unread at the end would reset the connection, and take the answer with it.
        while time.monotonic() < until and client.recv(_PIECE):
            pass
    except OSError:
        return  # it has left, or goes on sending


if __name__ == "__main__":
    main(*sys.argv[1:])
