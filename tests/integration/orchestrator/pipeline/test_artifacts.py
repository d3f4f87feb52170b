"""What stages leave behind, by the type that their agents name."""

import hashlib

import pytest

from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.pipeline import Model, PipelineRig

RISK = {"category": "pii", "severity": "low", "title": "A name", "evidence": "line 1"}


async def artifacts(pipeline: PipelineRig, stage: str) -> list[tuple[str, str, str]]:
    rows = await pipeline.rig.sql(
        "SELECT kind, name, content, sha256 FROM artifacts WHERE stage = $1", stage
    )
    for row in rows:
        assert row["sha256"] == hashlib.sha256(row["content"].encode()).hexdigest()
    return [(row["kind"], row["name"], row["content"]) for row in rows]


class TestArtifactType:
    @pytest.mark.parametrize(
        ("role", "content"),
        [
            ("context", "known"),
            ("task", "done"),
            ("code_review", '"verdict": "pass"'),
            ("guardrail", '"blocked": false'),
            ("memory_extraction", "The cat is called Tom"),
        ],
    )
    async def test_any_roles_result_can_be_one(
        self, pipeline: PipelineRig, role: str, content: str
    ) -> None:
        await pipeline.change_agent(role, artifact_type="report", name="Mine")
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run(gateway)
        ((kind, name, stored),) = await artifacts(pipeline, role)
        assert (kind, name) == ("report", "Mine")
        assert content in stored

    async def test_a_role_that_makes_its_own_gives_it_that_type(
        self, pipeline: PipelineRig
    ) -> None:
        await pipeline.change_agent("documentation", artifact_type="handbook")
        await pipeline.change_agent("diagramming", artifact_type=None)
        model = Model(diagramming={"mermaid": ""}, security_review={"findings": [RISK]})
        with ScriptedGateway(model) as gateway:
            await pipeline.run(gateway)
        assert [one[0] for one in await artifacts(pipeline, "documentation")] == ["handbook"]
        assert await artifacts(pipeline, "diagramming") == []
        ((kind, _, content),) = await artifacts(pipeline, "security_review")
        assert kind == "security_review"
        assert "**low** A name: line 1" in content

    async def test_a_crash_leaves_each_once(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", artifact_type="report")
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run_with_crash(gateway, "stage-ended-task")
        assert len(await artifacts(pipeline, "task")) == 1
