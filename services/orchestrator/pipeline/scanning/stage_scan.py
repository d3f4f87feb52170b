"""The scan before a judging stage: made once, journalled, and taken from the journal ever after."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from services.orchestrator.engine.errors import JournalDiverged
from services.orchestrator.engine.model_calls import StepPlace, digest_of
from services.orchestrator.engine.run import TaskRun, as_json
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.scanning.finding import ScannedFinding
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.scanning.materials import gather
from services.orchestrator.pipeline.scanning.scan import scan
from services.orchestrator.tools.context import SandboxTier

_NAME = "scanners"
_FINDINGS = TypeAdapter(list[ScannedFinding])
_INLINE = 32 * 1024


class ScanRequest(BaseModel):
    """What was scanned, by name."""

    materials: list[str]


@dataclass(frozen=True, slots=True)
class StageScan:
    """`step` has still to be written, with the stage's begin; None: it comes from the journal."""

    findings: list[ScannedFinding]
    step: dict[str, Any] | None


async def scan_stage(
    run: TaskRun, place: StepPlace, *, room: ToolRoom, seen: Progress, tier: SandboxTier
) -> StageScan:
    """The journal's scan at this place, or a new one that its caller has to store."""
    # What there is to scan, only the scan itself can tell.
    found = run.journalled(place, kind="scan", name=_NAME, request=None)
    if found is not None:
        if found.kind != "scan":
            raise JournalDiverged(f"step {place.step} was {found.kind} {found.name}, now a scan")
        findings = _FINDINGS.validate_python((found.result or {})["findings"])
        return StageScan(findings, None)
    await run.flush()
    materials = await gather(run, room, seen, tier=tier)
    findings = await asyncio.to_thread(scan, materials.texts, left_out=materials.left_out)
    request = ScanRequest(materials=[material.name for material in materials.texts])
    content = as_json(request)
    # Begun and ended at once: a scan that was cut off may be made again.
    step = {
        "step": place.step,
        "stage": place.stage,
        "kind": "scan",
        "name": _NAME,
        "status": "done",
        "digest": digest_of(request, content=content),
        "request": content,
        "result": {"findings": _FINDINGS.dump_python(findings, mode="json")},
    }
    return StageScan(findings, step)


async def without_secrets(text: str) -> str:
    """The text with credentials masked; a long one beside the loop."""
    return masked(text) if len(text) <= _INLINE else await asyncio.to_thread(masked, text)
