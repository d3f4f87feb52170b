"""Listen on a port at almost no cost; become the real server when the first client comes.

    python -I -S wait_for_use.py HOST PORT COMMAND...

That client's connection is closed without an answer and the next ones are refused until the server
listens: callers of a process started on first use try again.
"""

import os
import socket
import sys


def main(host: str, port: str, *command: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, int(port)), family=family) as listener:
        client, _ = listener.accept()
        client.close()
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
