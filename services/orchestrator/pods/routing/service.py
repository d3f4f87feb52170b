"""Chooses the pod of a task: the named one, else the first that listens to the text, else Quartet."""

import asyncio
import re
import unicodedata
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
# Thai, Lao, Burmese, Khmer; kana; the Chinese characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


async def route_pod(connection: Connection, user_input: str, *, pod_name: str | None) -> PodRow:
    """The enabled pod that `user_input` goes to, held until the transaction ends.

    With `pod_name`: that pod; NotFound for an unknown one, WrongState for a disabled one that falls
    back to nothing. Without: of the pods that listen, by priority, the first with a keyword or
    regex found in the text; else the default pod. While a pod is disabled, what it falls back to
    stands in for it.
    """
    if pod_name is not None:
        return await _named_pod(connection, pod_name)
    text = user_input[:_MAX_ROUTED_CHARACTERS]
    for route in await queries.list_routes(connection):
        heard = any(has_keyword(text, keyword) for keyword in route.routing_keywords)
        if heard or (route.routing_regex and await _matches(route.routing_regex, text)):
            pod = await _enabled(connection, route.id)
            if pod is not None:
                return pod
    return await _default_pod(connection)


async def check_pod_name(connection: Connection, pod_name: str | None) -> None:
    """Raises Invalid for the name of no pod; None is routed later and always fine."""
    if pod_name is not None and await queries.pod_named(connection, pod_name) is None:
        raise Invalid(f"pod_name: there is no pod named {pod_name[:200]!r}.", code="unknown_pod")


def has_keyword(text: str, keyword: str) -> bool:
    """Whether the keyword or phrase stands in the text as whole words, in any case and script."""
    wanted = _folded(keyword)
    before = "" if _stands_alone(wanted[:1]) else r"(?<!\w)"
    after = "" if _stands_alone(wanted[-1:]) else r"(?!\w)"
    return re.search(f"{before}{re.escape(wanted)}{after}", _folded(text)) is not None


def _folded(text: str) -> str:
    """Without case, and each letter in one form: STRASSE is straße, and é is e with an accent."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _stands_alone(letter: str) -> bool:
    """Whether its script writes no spaces between words, so that any place in a text will do."""
    return _UNSPACED.match(letter) is not None


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
            pattern,
            text,
            flags=regex.IGNORECASE | regex.FULLCASE,
            timeout=_MATCH_SECONDS,
            concurrent=True,
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
    pod = await _enabled(connection, pod_id)
    if pod is None:
        raise WrongState(
            f"The pod {name!r} is disabled, and so is what it falls back to, if anything.",
            code="pod_disabled",
        )
    return pod


async def _default_pod(connection: Connection) -> PodRow:
    pod_id = await queries.default_pod(connection)
    pod = None if pod_id is None else await _enabled(connection, pod_id)
    if pod is None:
        raise WrongState(
            "No pod listens to this text and the default pod is disabled; name a pod or enable it.",
            code="pod_disabled",
        )
    return pod


async def _enabled(connection: Connection, pod_id: UUID | None) -> PodRow | None:
    """The pod, or the first enabled one of those that it falls back to in turn."""
    for _ in range(_MAX_FALLBACKS):
        if pod_id is None:
            return None
        pod = await _hold(connection, pod_id)
        if pod.enabled:
            return pod
        pod_id = pod.fallback_pod_id
    return None


async def _hold(connection: Connection, pod_id: UUID) -> PodRow:
    pod = await queries.hold_pod(connection, pod_id)
    if pod is None:
        raise NotFound("The pod has just been deleted.", code="unknown_pod")
    return pod
