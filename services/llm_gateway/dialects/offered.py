"""Tools that a vendor runs itself: Nova has none of them to give."""

from services.kit.errors import NovaError
from services.kit.log import get_logger
from services.llm_gateway.dialects.refusals import unsupported

_log = get_logger(__name__)
LEFT_OUT_HEADER = "X-Nova-Tools-Left-Out"


class HostedTools:
    """Collects a request's hosted tools, then refuses them or lets the call go on without them.

    Leniently they are left out where they are only offered beside tools of the client's own, as
    coding agents do with every request. One that alone is offered, or is asked for, is refused.
    """

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._found: dict[str, str] = {}

    def add(self, param: str, kind: str) -> None:
        self._found[param] = kind

    def settle(self, *, own_tools: int) -> tuple[str, ...]:
        """The types that are left out. Raises Unsupported."""
        kinds = tuple(dict.fromkeys(self._found.values()))
        if kinds and (self._strict or not own_tools):
            param = next(iter(self._found))
            raise refused_tool(param, self._found[param])
        if kinds:
            _log.info("hosted tools are left out", tools=kinds)
        return kinds


def refused_tool(param: str, kind: str) -> NovaError:
    problem = f"the hosted tool {kind!r} is not available; send tools of your own."
    return unsupported(param, problem, code="unsupported_tool")
