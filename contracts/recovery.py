"""recovery: services, database, backups."""

from contracts.base import Answer, Timestamp


class ServiceDetail(Answer):
    service: str
    status: str
    health: str | None = None
    manager: str | None = None
    pid: int | None = None
    uptime_s: float | None = None
    restarts: int | None = None


class ServicesSummary(Answer):
    up: int
    down: int
    total: int
    details: list[ServiceDetail]


class DatabaseStatus(Answer):
    connected: bool
    size: str | None = None
    size_bytes: int | None = None
    table_count: int | None = None
    reason: str | None = None


class BackupsSummary(Answer):
    count: int
    latest: Timestamp | None
    total_size_bytes: int
    last_verified: Timestamp | None


class RecoveryStatus(Answer):
    """Without a credential only `services` is filled, with names and states alone."""

    services: ServicesSummary
    database: DatabaseStatus | None = None
    backups: BackupsSummary | None = None


class RestartAnswer(Answer):
    ok: bool
    service: str


class Backup(Answer):
    filename: str
    size_bytes: int
    created_at: Timestamp
    verified_at: Timestamp | None
    sha256: str


class BackupDeleted(Answer):
    filename: str
    deleted: bool
