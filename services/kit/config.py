"""The platform's run-time configuration as every process sees it: at most two seconds old."""

from typing import Any

from services.kit import queries
from services.kit.db import Database
from services.kit.following import follow_changes

_CHANNEL = "nova_config"


class ConfigCache:
    """Holds the configuration; `follow` keeps it current (NOTIFY, a version poll behind it)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._values: dict[str, Any] = {}
        self._version = -1
        self.changes = 0
        """How often other values were read: for what is worked out from them and kept."""

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default` if it is unset, null or not known yet."""
        value = self._values.get(key)
        return default if value is None else value

    @property
    def is_known(self) -> bool:
        """Whether it has been read at all."""
        return bool(self._values)

    async def refresh(self) -> None:
        """Read the configuration if its version has changed. Raises DatabaseDown."""
        async with self._database.connection() as connection:
            version = await queries.config_version(connection)
            if version != self._version:
                rows = await queries.list_config(connection)
                self._values = {row.key: row.value for row in rows}
                self._version = version
                self.changes += 1

    async def follow(self) -> None:
        """Keep current until cancelled; run it under Supervisor.keep_running."""
        self._version = -1  # what stands in the database may be another one's, restored
        await follow_changes(self._database, channel=_CHANNEL, refresh=self.refresh)
