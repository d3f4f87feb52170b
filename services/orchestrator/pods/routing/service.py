"""Chooses the pod of a task: the named one, else the first that listens to the text, else Quartet."""

import asyncio
import re
from uuid import UUID

from services.kit.db import Connection
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.log import get_logger
from services.orchestrator.pods.queries import PodRow
from services.orchestrator.pods.routing import queries

_log = get_logger(__name__)

MAX_REGEX_LENGTH = 500
_MAX_ROUTED_CHARACTERS = 10_000
_MATCH_SECONDS = 0.1
_MAX_FALLBACKS = 20


async def route_pod(connection: Connection, user_input: str, *, pod_name: str | None) -> PodRow:
    """The enabled pod that `user_input` goes to, held until the transaction ends.

    With `pod_name`: that pod; NotFound for an unknown one, WrongState for a disabled one. Without:
    of the enabled pods that listen, by priority, the first with a keyword or regex found in the
    text; else the default pod, or what that falls back to while it is disabled.
    """
    if pod_name is not None:
        return await _named_pod(connection, pod_name)
    text = user_input[:_MAX_ROUTED_CHARACTERS]
    for route in await queries.list_routes(connection):
        heard = any(has_keyword(text, keyword) for keyword in route.routing_keywords)
        if heard or (route.routing_regex and await _matches(route.routing_regex, text)):
            return await _hold(connection, route.id)
    return await _default_pod(connection)


async def check_pod_name(connection: Connection, pod_name: str | None) -> None:
    """Raises Invalid for the name of no pod; None is routed later and always fine."""
    if pod_name is not None and await queries.pod_named(connection, pod_name) is None:
        raise Invalid(f"pod_name: there is no pod named {pod_name[:200]!r}.", code="unknown_pod")


def has_keyword(text: str, keyword: str) -> bool:
    """Whether the keyword or phrase stands in the text as whole words, in any case."""
    pattern = rf"(?<!\w){re.escape(keyword)}(?!\w)"
    return re.search(pattern, text, re.IGNORECASE) is not None


def check_regex(pattern: str) -> None:
    """Raises Invalid unless the pattern can be used for routing."""
    # Lazy: it costs 11 MB, and few installations have a pod with a regex.
    import regex  # noqa: PLC0415

    if len(pattern) > MAX_REGEX_LENGTH:
        raise Invalid(f"routing_regex: longer than {MAX_REGEX_LENGTH} characters.")
    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        raise Invalid(f"routing_regex: not a regular expression: {error}") from error


async def _matches(pattern: str, text: str) -> bool:
    # Not `re`: a pattern that backtracks without end must end all the same.
    import regex  # noqa: PLC0415

    def search() -> bool:
        found = regex.search(
            pattern, text, flags=regex.IGNORECASE, timeout=_MATCH_SECONDS, concurrent=True
        )
        return found is not None

    try:
        return await asyncio.to_thread(search)
    except TimeoutError:
        _log.warning("a pod's routing_regex took too long and was passed over", pattern=pattern)
        return False


async def _named_pod(connection: Connection, name: str) -> PodRow:
    pod_id = await queries.pod_named(connection, name)
    if pod_id is None:
        raise NotFound(f"There is no pod named {name[:200]!r}.", code="unknown_pod")
    pod = await _hold(connection, pod_id)
    if not pod.enabled:
        raise WrongState(f"The pod {pod.name!r} is disabled.", code="pod_disabled")
    return pod


async def _default_pod(connection: Connection) -> PodRow:
    pod_id = await queries.default_pod(connection)
    for _ in range(_MAX_FALLBACKS):
        if pod_id is None:
            break
        pod = await _hold(connection, pod_id)
        if pod.enabled:
            return pod
        pod_id = pod.fallback_pod_id
    raise WrongState(
        "No pod listens to this text and the default pod is disabled; name a pod or enable it.",
        code="pod_disabled",
    )


async def _hold(connection: Connection, pod_id: UUID) -> PodRow:
    pod = await queries.hold_pod(connection, pod_id)
    if pod is None:
        raise NotFound("The pod has just been deleted.", code="unknown_pod")
    return pod
