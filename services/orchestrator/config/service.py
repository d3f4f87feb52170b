"""Reads and changes the platform's configuration; kit.config brings a change to every process."""

from collections.abc import Iterator
from typing import Any, Protocol, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from contracts.administration import ConfigEntry, ConfigPatch
from contracts.base import JsonValue
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.error_handlers import describe
from services.kit.errors import Invalid, NotFound
from services.orchestrator.audit.service import record
from services.orchestrator.config import queries
from services.orchestrator.config.queries import ConfigRow

MASK = "********"
_MAX_CHARACTERS = 64 * 1024


class _Problem(Protocol):
    message: str


class _Validator(Protocol):
    """The part of a jsonschema validator that is used here."""

    def iter_errors(self, instance: object) -> Iterator[_Problem]: ...


_STORABLE: TypeAdapter[Any] = TypeAdapter(JsonValue)


async def list_config(
    connection: Connection, *, limit: int, offset: int
) -> tuple[list[ConfigEntry], int]:
    """One page by key, secrets masked, and how many entries there are."""
    rows = await queries.list_config(connection, limit=limit, offset=offset)
    return [_entry(row) for row in rows], await queries.count_config(connection)


async def change_config(
    connection: Connection, key: str, *, patch: ConfigPatch, actor: Principal
) -> ConfigEntry:
    """Raises NotFound for an unknown key, Invalid for text that is not JSON or of a wrong type."""
    current = await queries.lock_config(connection, key)
    if current is None:
        raise NotFound(f"There is no configuration key {key[:200]!r}.", code="unknown_config_key")
    value = _read(patch.value)
    _check(key, value, schema=current.value_schema)
    row = await queries.update_config(connection, key, value=value, description=patch.description)
    await record(
        connection,
        actor=actor,
        action="config.changed",
        subject_kind="config",
        subject_id=key,
        detail={} if row.is_secret else {"from": current.value, "to": row.value},
    )
    return _entry(row)


def _read(text: str) -> object:
    if len(text) > _MAX_CHARACTERS:
        raise Invalid(f"value: longer than {_MAX_CHARACTERS} characters.")
    try:
        return _STORABLE.validate_python(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise Invalid(
            f'value: it must be JSON text, such as "\\"text\\"", "5" or "true" ({error}).',
            code="value_not_json",
        ) from error
    except ValidationError as error:
        raise Invalid(f"value{describe(error.errors())}") from error


def _check(key: str, value: object, *, schema: Any) -> None:
    # Lazy: it costs several megabytes, and the configuration changes rarely.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    validator = cast("_Validator", Draft202012Validator(schema))
    for problem in validator.iter_errors(value):
        raise Invalid(f"{key}: {problem.message[:500]}", code="value_of_wrong_type")


def _entry(row: ConfigRow) -> ConfigEntry:
    hidden = row.is_secret and row.value not in (None, "")
    return ConfigEntry(
        key=row.key,
        value=MASK if hidden else row.value,
        description=row.description,
        is_secret=row.is_secret,
        updated_at=row.updated_at,
    )
