"""What can go wrong in recovery, beyond what every service shares.

NovaError
├── NotFound 404                   ├── WrongState 409
│   ├── UnknownService             │   ├── NotManaged
│   └── UnknownBackup              │   ├── BackupRunning
└── DependencyDown 503             │   └── BackupDamaged
    └── BackupFailed
"""

from services.kit.errors import DependencyDown, NotFound, WrongState


class UnknownService(NotFound):
    code = "unknown_service"


class UnknownBackup(NotFound):
    code = "unknown_backup"


class NotManaged(WrongState):
    """Nova did not start this process, so it can't restart it."""

    code = "not_managed"


class BackupRunning(WrongState):
    code = "backup_running"


class BackupDamaged(WrongState):
    """The file is not what was written, or what it holds can't be restored."""

    code = "backup_damaged"


class BackupFailed(DependencyDown):
    """The disk is full, a PostgreSQL program is missing or failed."""

    code = "backup_failed"
