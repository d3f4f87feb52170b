"""What is inside a backup: a tar of the dump, the configuration and the workspace's manifest."""

import os
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError

from services.kit.launch.configuration import read_env_file
from services.recovery.errors import BackupDamaged

MANIFEST = "manifest.json"
DUMP = "database.dump"
CONFIGURATION = "configuration.json"
WORKSPACE = "workspace.json"

# Left out: a backup can be downloaded, and secrets are never shown over HTTP.
_SECRET_WORDS = ("SECRET", "PASSWORD", "TOKEN", "KEY", "AUTH", "_URL")


class Manifest(BaseModel):
    """What the backup was made from; `row_counts` is what a restored copy must have."""

    format: int = 1
    nova_version: str
    server_version: str
    created_at: AwareDatetime
    row_counts: dict[str, int]


class WorkspaceFile(BaseModel):
    """One file of the agents' workspace as it was; the file itself is not in the backup."""

    path: str
    size_bytes: int
    modified_at: AwareDatetime


class WorkspaceManifest(BaseModel):
    root: str
    files: list[WorkspaceFile]


class Configuration(BaseModel):
    """The settings in $NOVA_HOME/env that are not secret."""

    environment: dict[str, str]


def read_configuration(home: Path) -> Configuration:
    return Configuration(environment=without_secrets(read_env_file(home / "env")))


def without_secrets(values: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in sorted(values.items())
        if not any(word in name for word in _SECRET_WORDS)
    }


def list_workspace(root: Path) -> WorkspaceManifest:
    """Every file below the workspace; links are not followed."""
    return WorkspaceManifest(root=str(root), files=sorted(_files(root), key=lambda one: one.path))


def _files(root: Path) -> Iterator[WorkspaceFile]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            try:
                found = path.lstat()
            except FileNotFoundError:  # an agent removed it meanwhile
                continue
            yield WorkspaceFile(
                # A file name is bytes; what is not text is written with its escapes.
                path=os.fsencode(path.relative_to(root)).decode(errors="backslashreplace"),
                size_bytes=found.st_size,
                modified_at=datetime.fromtimestamp(found.st_mtime, UTC),
            )


def write_archive(
    target: Path,
    *,
    dump: Path,
    manifest: Manifest,
    configuration: Configuration,
    workspace: WorkspaceManifest,
) -> None:
    """Write the tar, the small members first, and give the dump's room back."""
    members = {MANIFEST: manifest, CONFIGURATION: configuration, WORKSPACE: workspace}
    for name, content in members.items():
        (target.parent / name).write_text(content.model_dump_json(indent=1), encoding="utf-8")
    with tarfile.open(target, "w") as archive:
        for name in (*members, DUMP):
            source = dump if name == DUMP else target.parent / name
            archive.add(source, arcname=name, recursive=False, filter=_anonymous)
    dump.unlink()


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def extract_dump(archive: Path, target: Path) -> Manifest:
    """Write the dump to `target`; what the manifest says of it. Raises BackupDamaged."""
    try:
        with tarfile.open(archive, "r:") as opened:
            manifest_file = opened.extractfile(MANIFEST)
            dump_file = opened.extractfile(DUMP)
            if manifest_file is None or dump_file is None:
                raise BackupDamaged("The backup has no dump or no manifest.")
            manifest = Manifest.model_validate_json(manifest_file.read())
            with target.open("wb") as output:
                while chunk := dump_file.read(1024 * 1024):
                    output.write(chunk)
    except (tarfile.TarError, KeyError, ValidationError, EOFError) as error:
        raise BackupDamaged(f"The backup can't be read: {error}") from error
    return manifest
