"""Skills in the prompts of a pipeline task: which, in what order, with whose values, fixed for good."""

from typing import Any
from uuid import UUID

from contracts.skills import CreateSkillRequest, SkillPatch
from services.orchestrator.skills import service as skills
from tests.fixtures.engine import ADMIN, ScriptedGateway
from tests.fixtures.pipeline import Model, PipelineRig

ROLES = ["context", "task", "guardrail", "code_review"]


async def make_skill(pipeline: PipelineRig, name: str, content: str, **fields: Any) -> UUID:
    request = CreateSkillRequest(name=name, content=content, **fields)
    async with pipeline.rig.database.transaction() as connection:
        return (await skills.create_skill(connection, request, actor=ADMIN)).id


def prompts(gateway: ScriptedGateway) -> dict[str, str]:
    """The last system prompt of each role."""
    return {
        body["response_format"]["json_schema"]["name"]: body["messages"][0]["content"]
        for body in gateway.bodies
    }


class TestSkills:
    async def test_every_stage_has_them_by_priority(self, pipeline: PipelineRig) -> None:
        await make_skill(pipeline, "second", "Say {{what}}.", parameters=[{"name": "what"}])
        await make_skill(pipeline, "first", "Be kind.", priority=5)
        values = {"skill_params": {"what": "{{what}} <b>"}}
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run(gateway, metadata=values)
        block = "## Skill: first\n\nBe kind.\n\n## Skill: second\n\nSay {{what}} <b>.\n\n"
        told = prompts(gateway)
        assert len(told) == 8
        assert all(block in text for text in told.values())

    async def test_those_of_a_pod_and_of_an_agent(self, pipeline: PipelineRig) -> None:
        (pod,) = await pipeline.rig.sql("SELECT id FROM pods WHERE name = 'Quartet'")
        (agent,) = await pipeline.rig.sql(
            "SELECT id FROM pod_agents WHERE pod_id = $1 AND role = 'task'", pod["id"]
        )
        await pipeline.rig.sql(
            "UPDATE pods SET metadata = $1 WHERE id = $2",
            {"skill_params": {"who": "Ann"}},
            pod["id"],
        )
        of_pod = await make_skill(
            pipeline, "pod", "Ask {{who}}.", scope="pod", parameters=[{"name": "who"}]
        )
        of_agent = await make_skill(pipeline, "agent", "Hurry.", scope="agent")
        async with pipeline.rig.database.transaction() as connection:
            await skills.set_pods(connection, of_pod, pod_ids=[pod["id"]], actor=ADMIN)
            await skills.set_agents(connection, of_agent, agent_ids=[agent["id"]], actor=ADMIN)
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run(gateway)
            told = prompts(gateway)
            await pipeline.run(gateway, pod_name="Quick Reply")
        assert all("Ask Ann." in text for text in told.values())
        assert [role for role in told if "Hurry." in told[role]] == ["task"]
        assert "Skill" not in prompts(gateway)["task"]

    async def test_one_that_lacks_a_value_is_left_out_and_noted_once(
        self, pipeline: PipelineRig
    ) -> None:
        wanted = [{"name": "x", "required": True}]
        await make_skill(pipeline, "needy", "Use {{x}}.", parameters=wanted)
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        assert all("needy" not in text for text in prompts(gateway).values())
        (event,) = await pipeline.events(task.id, "finding")
        assert event["title"] == "The skill needy was left out: no value for x"
        (row,) = await pipeline.rig.sql("SELECT scanner, category FROM guardrail_findings")
        assert (row["scanner"], row["category"]) == ("skills", "skill")

    async def test_which_they_are_is_fixed_at_the_first_claim(self, pipeline: PipelineRig) -> None:
        skill_id = await make_skill(pipeline, "old", "As it was.")
        with ScriptedGateway(Model()) as gateway:
            task_id = await pipeline.submit()
            first = pipeline.engine(gateway, failpoint="stage-ended-context:raise")
            async with pipeline.killed():
                await first.on_wake()
                await first.wait_until_idle()
            async with pipeline.rig.database.transaction() as connection:
                await skills.update_skill(
                    connection, skill_id, patch=SkillPatch(content="As it is."), actor=ADMIN
                )
            await make_skill(pipeline, "new", "Not yet.")
            second = pipeline.engine(gateway)
            await second.free_earlier_boots()
            assert (await pipeline.go_on(task_id, gateway)).status == "complete"
        told = prompts(gateway)
        assert all("As it was." in told[role] for role in ROLES)
        assert all("Not yet." not in told[role] for role in ROLES)
