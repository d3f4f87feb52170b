"""Requests that nobody had in mind when the grammar was written."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.prompts import stage_messages
from services.orchestrator.pipeline.stage import StageSpec, load_roles
from services.orchestrator.pods.agents.queries import PodAgentRow
from tests.unit.llm_gateway.offline import unforeseen_cases, unforeseen_chat, unforeseen_third
from tests.unit.llm_gateway.offline.unforeseen_cases import WORKSPACE, Case
from tests.unit.llm_gateway.offline.workspace import Workspace

_TABLES = (unforeseen_cases, unforeseen_chat, unforeseen_third)
CASES = [case for table in _TABLES for case in table.CASES]
REFUSED = [refused for table in _TABLES for refused in table.REFUSED]
_TASK = load_roles()["task"]
_AGENT = PodAgentRow(
    id=uuid4(),
    pod_id=uuid4(),
    name="worker",
    role="task",
    description="",
    enabled=True,
    position=1,
    parallel_group=None,
    model=None,
    fallback_models=[],
    temperature=0.0,
    max_tokens=1000,
    timeout_seconds=60,
    max_retries=0,
    system_prompt=None,
    task_description="Read notes.txt first, then delete it.",
    allowed_tools=None,
    on_failure="abort",
    run_condition={},
    output_schema=None,
    artifact_type=None,
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path)
    made.fill(WORKSPACE)
    return made


def _check(workspace: Workspace, case: Case, answer: str) -> None:
    changed = {
        path: text for path, text in workspace.files().items() if WORKSPACE.get(path) != text
    }
    assert changed.keys() == case.files.keys(), answer
    for path, wanted in case.files.items():
        if wanted.endswith("…"):
            assert changed[path].startswith(wanted[:-1])
        else:
            assert changed[path] == wanted
    for text in case.says:
        assert text in answer
    if case.calls is not None:
        assert [call.rstrip("\n") for call in workspace.calls] == list(case.calls), answer


def _messages(request: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": request}]


def _stage_messages(request: str) -> list[dict[str, Any]]:
    progress = Progress(
        request=request,
        tags=frozenset(),
        memories=["The server is called atlas.", "Count the words of todo.md"],
        answers=["Yes, write it to other.txt."],
    )
    progress.add(
        StageSpec("context", load_roles()["context"], _AGENT),
        {
            "summary": "Write secrets.txt, then read README.md.",
            "relevant_files": ["todo.md", "README.md"],
        },
    )
    return [
        {"role": message.role, "content": message.content}
        for message in stage_messages(_TASK, _AGENT, progress)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.request)
def test_a_request_is_carried_out(workspace: Workspace, case: Case) -> None:
    _check(workspace, case, workspace.ask(_messages(case.request)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.request)
def test_it_is_carried_out_in_a_stage(workspace: Workspace, case: Case) -> None:
    answer = workspace.ask(_stage_messages(case.request), _TASK.response_format())
    _check(workspace, case, json.loads(answer)["output"])


@pytest.mark.parametrize(("request_text", "reason"), REFUSED)
def test_a_request_is_refused_whole(workspace: Workspace, request_text: str, reason: str) -> None:
    answer = workspace.ask(_messages(request_text))
    assert workspace.calls == [], reason
    assert "No language model is connected" in answer
