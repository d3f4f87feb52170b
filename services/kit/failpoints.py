"""Named crash points for tests: off unless NOVA_FAILPOINT names one.

NOVA_FAILPOINT is `name[:action[:count]]`; action is kill (SIGKILL to this process, the default),
stop (SIGSTOP) or raise (FailpointReached); count is which passage sets it off (default 1).
"""

import os
import signal

from services.kit.log import get_logger

_log = get_logger(__name__)


class FailpointReached(Exception):
    """A test asked for a failure here."""


class Failpoints:
    """Holds the one failpoint that the settings name; an empty text switches all off."""

    def __init__(self, setting: str = "") -> None:
        name, _, rest = setting.partition(":")
        action, _, count = rest.partition(":")
        self._name = name
        self._action = action or "kill"
        self._left = int(count or 1)

    def reach(self, name: str) -> None:
        """Pass the point `name`; does nothing unless it is the one that is set."""
        if name != self._name:
            return
        self._left -= 1
        if self._left != 0:
            return
        _log.warning("failpoint", name=name, action=self._action)
        if self._action == "raise":
            raise FailpointReached(name)
        os.kill(os.getpid(), signal.SIGSTOP if self._action == "stop" else signal.SIGKILL)
