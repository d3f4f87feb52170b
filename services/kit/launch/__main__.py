"""The launcher's commands: `up`, `run NAME` (prepare and keep), `exec NAME` (become the process).

`has-node` says by its exit code whether the dashboard is built or can be; `node` prints the folder
of the Node.js that would build it.
"""

import sys

from services.kit.launch.problem import LaunchError


def main(arguments: list[str]) -> int:
    """Run one command; a LaunchError is printed, never a stack."""
    command, *rest = arguments
    try:
        if command == "up":
            from services.kit.launch.up import up  # noqa: PLC0415 - each start of a process pays

            return up(rest)
        if command == "run":
            from services.kit.launch.prepare import run  # noqa: PLC0415 - as above

            run(rest[0])
        if command == "has-node":
            from services.kit.launch import dashboard  # noqa: PLC0415 - as above

            return 0 if dashboard.is_current() or dashboard.find_node() else 1
        if command == "node":
            from services.kit.launch import dashboard  # noqa: PLC0415 - as above

            sys.stdout.write(f"{dashboard.node_folder()}\n")
            return 0
        if command == "exec":
            from services.kit.launch.commands import become  # noqa: PLC0415 - as above
            from services.kit.launch.configuration import load_configuration  # noqa: PLC0415
            from services.kit.launch.processes import PROCESSES  # noqa: PLC0415

            become(load_configuration(), PROCESSES[rest[0]])
    except LaunchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"unknown command: {command}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
