"""Creates a backup, and verifies one by really restoring it into a scratch database."""

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

from contracts.recovery import Backup, BackupsSummary
from services.kit.app import VERSION
from services.kit.failpoints import Failpoints
from services.kit.ids import new_id
from services.recovery.backups import archive, queries
from services.recovery.backups.programs import PostgresPrograms, Server
from services.recovery.backups.store import BackupStore
from services.recovery.connection import connection_to
from services.recovery.errors import BackupDamaged, BackupFailed
from services.recovery.settings import RecoverySettings


async def summarise(store: BackupStore) -> BackupsSummary:
    backups = await asyncio.to_thread(store.list)
    verified = [one.verified_at for one in backups if one.verified_at is not None]
    return BackupsSummary(
        count=len(backups),
        latest=max((one.created_at for one in backups), default=None),
        total_size_bytes=sum(one.size_bytes for one in backups),
        last_verified=max(verified, default=None),
    )


async def create_backup(
    settings: RecoverySettings, store: BackupStore, *, failpoints: Failpoints
) -> Backup:
    """Make a backup of what is committed now. Raises BackupFailed, BackupRunning, DatabaseDown."""
    now = datetime.now(UTC)
    filename = store.new_name(now)
    with store.exclusively():
        try:
            with store.workspace(filename) as workspace:
                dump = workspace.folder / archive.DUMP
                manifest = await _dump(settings, dump, at=now)
                failpoints.reach("backup-dumped")
                target = workspace.folder / "backup.tar"
                await asyncio.to_thread(_write, settings, target, dump=dump, manifest=manifest)
                failpoints.reach("backup-written")
                return await asyncio.to_thread(store.publish, workspace, target)
        except OSError as error:
            raise store.unusable(error) from error


async def verify_backup(settings: RecoverySettings, store: BackupStore, filename: str) -> Backup:
    """Restore the backup into a scratch database and compare. Raises BackupDamaged if it differs."""
    path = store.path(filename)
    expected = await asyncio.to_thread(store.get, filename)
    with store.exclusively():
        try:
            if await asyncio.to_thread(_sha256, path) != expected.sha256:
                raise BackupDamaged("The file's checksum is not the one it was written with.")
            with store.workspace(filename) as workspace:
                dump = workspace.folder / archive.DUMP
                manifest = await asyncio.to_thread(archive.extract_dump, path, dump)
                restored = await _restore_and_count(settings, dump)
        except OSError as error:
            raise store.unusable(error) from error
        if restored != manifest.row_counts:
            raise BackupDamaged(_difference(manifest.row_counts, restored))
        return await asyncio.to_thread(store.mark_verified, filename, datetime.now(UTC))


async def _dump(settings: RecoverySettings, target: Path, *, at: datetime) -> archive.Manifest:
    """Dump and count within one snapshot, so that the counts are the dump's own."""
    url = settings.database_url.get_secret_value()
    programs = _programs(settings)
    async with (
        connection_to(url) as connection,
        connection.transaction(isolation="repeatable_read"),
    ):
        snapshot = await queries.export_snapshot(connection)
        manifest = archive.Manifest(
            nova_version=VERSION,
            server_version=await queries.server_version(connection),
            created_at=at,
            row_counts=await queries.count_rows(connection),
        )
        await programs.run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={target}",
            f"--dbname={programs.server.url}",
        )
    return manifest


def _write(
    settings: RecoverySettings, target: Path, *, dump: Path, manifest: archive.Manifest
) -> None:
    archive.write_archive(
        target,
        dump=dump,
        manifest=manifest,
        configuration=archive.read_configuration(settings.nova_home),
        workspace=archive.list_workspace(settings.workspace),
    )


async def _restore_and_count(settings: RecoverySettings, dump: Path) -> dict[str, int]:
    programs = _programs(settings)
    scratch = f"nova_verify_{new_id().hex}"
    maintenance = f"--maintenance-db={programs.server.url}"
    await programs.run("createdb", maintenance, "--template=template0", scratch)
    try:
        try:
            await programs.run(
                "pg_restore",
                "--exit-on-error",
                "--no-owner",
                f"--dbname={programs.server.database(scratch)}",
                str(dump),
            )
        except BackupFailed as error:
            raise BackupDamaged(f"The backup can't be restored: {error.detail}") from error
        return await _count(programs.server, scratch)
    finally:
        await programs.run("dropdb", maintenance, "--force", "--if-exists", scratch)


async def _count(server: Server, database: str) -> dict[str, int]:
    async with (
        connection_to(server.database(database), password=server.password) as connection,
        connection.transaction(),
    ):
        return await queries.count_rows(connection)


def _programs(settings: RecoverySettings) -> PostgresPrograms:
    server = Server.from_url(settings.database_url.get_secret_value())
    return PostgresPrograms(server=server, run_dir=settings.run_dir)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _difference(expected: dict[str, int], restored: dict[str, int]) -> str:
    names = sorted(expected.keys() | restored.keys())
    wrong = [
        f"{name}: {expected.get(name)} rows expected, {restored.get(name)} restored"
        for name in names
        if expected.get(name) != restored.get(name)
    ]
    return "The restored copy differs: " + "; ".join(wrong[:10])
