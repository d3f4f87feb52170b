"""The exact row count of every table, as of one snapshot."""

import json

from services.kit.db import Connection, Scalar, Statement

_EXPORT_SNAPSHOT = Scalar(str, "SELECT pg_export_snapshot()")

# A table's name can't be a parameter, so the loop runs in the server; DO gives no rows back, a
# setting does.
_COUNT_ROWS = Statement(
    """
    DO $$
    DECLARE
        entry record;
        found bigint;
        counts jsonb := '{}';
    BEGIN
        FOR entry IN
            SELECT schemaname, tablename FROM pg_catalog.pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
        LOOP
            EXECUTE format('SELECT count(*) FROM %I.%I', entry.schemaname, entry.tablename)
            INTO found;
            counts := counts || jsonb_build_object(
                format('%I.%I', entry.schemaname, entry.tablename), found);
        END LOOP;
        PERFORM set_config('nova.row_counts', counts::text, true);
    END $$
    """
)
_ROW_COUNTS = Scalar(str, "SELECT current_setting('nova.row_counts', true)")
_SERVER_VERSION = Scalar(str, "SELECT current_setting('server_version')")


async def export_snapshot(connection: Connection) -> str:
    """A name for what this transaction sees; valid until it ends."""
    return await _EXPORT_SNAPSHOT.one(connection)


async def count_rows(connection: Connection) -> dict[str, int]:
    """Rows by quoted table name. Needs a transaction."""
    await _COUNT_ROWS.run(connection)
    return json.loads(await _ROW_COUNTS.one(connection))


async def server_version(connection: Connection) -> str:
    return await _SERVER_VERSION.one(connection)
