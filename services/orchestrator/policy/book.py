"""Policies as a worker reads them: the one a task is bound to, and the current one."""

from collections import OrderedDict

from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.log import get_logger
from services.orchestrator.policy import queries
from services.orchestrator.policy.model import NO_POLICY, Policy
from services.orchestrator.tools.lease import now

_log = get_logger(__name__)
_FRESH_SECONDS = 1.0
_KEPT = 16


class PolicyBook:
    """Keeps the policies that were read last: a version never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[int, Policy] = OrderedDict()
        self._current = 0
        self._looked_at: float | None = None

    async def version(self, number: int | None) -> Policy:
        """The policy of that number; None is the one without skills and rules."""
        if number is None or number == 0:
            return NO_POLICY
        kept = self._kept.get(number)
        if kept is None:
            async with self._database.connection() as connection:
                content = await queries.find(connection, number)
            if content is None:
                raise LookupError(f"there is no policy {number}")
            kept = Policy.model_validate(content)
            self._kept[number] = kept
        self._kept.move_to_end(number)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return kept

    async def current(self, *, at_least: int | None = None) -> Policy:
        """The newest policy, at most a second old and never older than `at_least`. While the
        database is away, nobody can have changed it: the last one that was read holds.
        """
        old = self._looked_at is None or now() - self._looked_at > _FRESH_SECONDS
        if old or self._current < (at_least or 0):
            try:
                async with self._database.connection() as connection:
                    self._current = await queries.current_version(connection) or 0
                self._looked_at = now()
            except DatabaseDown as error:
                if self._looked_at is None:
                    raise
                _log.warning("the rules were not read again", reason=error.detail)
        return await self.version(self._current)
