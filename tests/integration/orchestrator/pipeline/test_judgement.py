"""Guardrail, review, decision and persons: what may pass, what is mended, what has to wait."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.kit.errors import BadRequest, WrongState
from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.pipeline import FAILING, Model, PipelineRig, role_of

REFACTOR = {"verdict": "needs_refactor", "summary": "Mend the test"}
REJECT = {"verdict": "reject", "summary": "All wrong"}
ASKS = {"summary": "unclear", "questions": ["Which cat?", "Which hat?"]}
BLOCKED = {"blocked": True, "summary": "A secret"}


def found(severity: str) -> dict[str, Any]:
    finding = {"category": "pii", "severity": severity, "title": "A name"}
    return {"blocked": False, "findings": [finding]}


async def stopped(pipeline: PipelineRig, gateway: ScriptedGateway) -> Any:
    """A task that waits for a decision."""
    task = await pipeline.run(gateway)
    assert (task.status, (task.pending or {})["kind"]) == ("pending_human_review", "decision")
    return task


class TestReviewLoop:
    async def test_work_that_has_to_be_mended_is_done_again(self, pipeline: PipelineRig) -> None:
        pass_then = [REFACTOR, {"verdict": "pass"}]
        with ScriptedGateway(Model(code_review=pass_then)) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        rounds = [(stage, number) for stage, number, _ in await pipeline.stages(task.id)]
        assert [stage for stage, number in rounds if number == 2][:3] == [
            "task",
            "guardrail",
            "code_review",
        ]
        assert ("context", 2) not in rounds
        second = [body for body in gateway.bodies if role_of(body) == "task"][1]
        assert "Mend the test" in second["messages"][1]["content"]

    async def test_after_three_rounds_a_person_decides(self, pipeline: PipelineRig) -> None:
        model = Model(code_review=REFACTOR)
        with ScriptedGateway(model) as gateway:
            task = await stopped(pipeline, gateway)
        assert model.asked.count("task") == 3
        assert "review" in task.pending["prompt"]
        verdicts = await pipeline.rig.sql("SELECT round, verdict FROM code_reviews ORDER BY round")
        assert [tuple(row) for row in verdicts] == [(n, "needs_refactor") for n in (1, 2, 3)]

    async def test_a_review_that_fails_does_not_count_with_its_verdict_of_before(
        self, pipeline: PipelineRig
    ) -> None:
        await pipeline.change_agent("code_review", max_retries=0, on_failure="skip")
        model = Model(code_review=[REFACTOR, FAILING])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        assert model.asked.count("task") == 2

    async def test_findings_of_a_mended_round_do_not_stop_the_next(
        self, pipeline: PipelineRig
    ) -> None:
        await pipeline.change_agent("guardrail", max_retries=0, on_failure="skip")
        model = Model(
            guardrail=[found("critical"), FAILING], code_review=[REFACTOR, {"verdict": "pass"}]
        )
        with ScriptedGateway(model) as gateway:
            assert (await pipeline.run(gateway)).status == "complete"


class TestGuardrail:
    @pytest.mark.parametrize(
        ("says", "threshold", "status"),
        [
            (BLOCKED, "critical", "pending_human_review"),
            (found("high"), "high", "pending_human_review"),
            (found("critical"), "high", "pending_human_review"),
            (found("medium"), "high", "complete"),
            (found("medium"), "medium", "pending_human_review"),
            (found("low"), "medium", "complete"),
        ],
    )
    async def test_it_stops_by_the_pods_threshold(
        self, pipeline: PipelineRig, says: dict[str, Any], threshold: str, status: str
    ) -> None:
        await pipeline.rig.sql("UPDATE pods SET escalation_threshold = $1", threshold)
        with ScriptedGateway(Model(guardrail=says)) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == status
        # What comes after the judgement has not begun while it is open.
        stages = [stage for stage, _, _ in await pipeline.stages(task.id)]
        assert ("documentation" in stages) == (status == "complete")
        assert len(await pipeline.events(task.id, "finding")) == len(says.get("findings", []))

    async def test_a_pod_that_asks_nobody_fails(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET require_human_review = 'never'")
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.error) == ("failed", "The guardrail has blocked the result.")

    async def test_a_pod_that_always_asks(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET require_human_review = 'always'")
        with ScriptedGateway(Model()) as gateway:
            task = await stopped(pipeline, gateway)
            assert "done" in task.pending["prompt"]
            await pipeline.review(task.id, "approve")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"


class TestDecision:
    async def test_both_judges_against_it_make_a_record_and_wait(
        self, pipeline: PipelineRig
    ) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED, code_review=REJECT)) as gateway:
            task = await stopped(pipeline, gateway)
        (adr,) = await pipeline.rig.sql("SELECT kind, name, content FROM artifacts")
        assert (adr["kind"], adr["name"]) == ("adr", "What now")
        assert "Status: escalate" in adr["content"]
        assert "They disagree." in adr["content"]
        asked = next(body for body in gateway.bodies if role_of(body) == "decision")
        assert "All wrong" in asked["messages"][1]["content"]
        assert "A secret" in asked["messages"][1]["content"]
        assert len(await pipeline.events(task.id, "artifact")) == 1

    @pytest.mark.parametrize("judge", ["guardrail", "code_review"])
    async def test_one_judge_alone_needs_none(self, pipeline: PipelineRig, judge: str) -> None:
        says = {"guardrail": BLOCKED, "code_review": REJECT}[judge]
        with ScriptedGateway(Model(**{judge: says})) as gateway:
            task = await stopped(pipeline, gateway)
        assert ("decision", 1, "skipped") in await pipeline.stages(task.id)

    async def test_a_rejecting_decision_ends_the_task(self, pipeline: PipelineRig) -> None:
        says = {"decision": "reject", "title": "No"}
        model = Model(guardrail=BLOCKED, code_review=REJECT, decision=says)
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "failed"
        assert "decision" in (task.error or "")


class TestPerson:
    async def test_approval_goes_on_and_makes_nothing_again(self, pipeline: PipelineRig) -> None:
        model = Model(guardrail=BLOCKED)
        with ScriptedGateway(model) as gateway:
            task = await stopped(pipeline, gateway)
            asked = len(gateway.bodies)
            await pipeline.review(task.id, "approve", pending_id=UUID(task.pending["id"]))
            ended = await pipeline.go_on(task.id, gateway)
        assert (ended.status, ended.output, ended.pending) == ("complete", "done", None)
        assert asked == 4
        assert all(model.asked.count(role) == 1 for role in model.asked)
        statuses = [event["status"] for event in await pipeline.events(task.id, "status")]
        assert statuses == ["pending_human_review", "queued", "complete"]

    async def test_rejection_ends_it(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await stopped(pipeline, gateway)
            await pipeline.review(task.id, "reject", comment="Too risky")
        ended = await pipeline.rig.task(task.id)
        assert (ended.status, ended.error) == ("failed", "Rejected in review: Too risky")
        assert (await pipeline.events(task.id, "status"))[-1]["status"] == "failed"

    async def test_what_is_refused(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await stopped(pipeline, gateway)
            with pytest.raises(WrongState, match="no longer waits"):
                await pipeline.review(task.id, "approve", pending_id=uuid4())
            with pytest.raises(BadRequest):
                await pipeline.review(task.id, "perhaps")
            assert (await pipeline.rig.task(task.id)).status == "pending_human_review"
            await pipeline.review(task.id, "approve")
            with pytest.raises(WrongState):
                await pipeline.review(task.id, "approve")


class TestApproval:
    async def test_it_does_not_hold_for_what_comes_up_later(self, pipeline: PipelineRig) -> None:
        """A stage that escalates after an approval is a matter of its own."""
        await pipeline.change_agent("documentation", on_failure="escalate", max_retries=0)
        with ScriptedGateway(Model(guardrail=BLOCKED, documentation=FAILING)) as gateway:
            task = await stopped(pipeline, gateway)
            await pipeline.review(task.id, "approve")
            again = await pipeline.go_on(task.id, gateway)
            assert again.status == "pending_human_review"
            assert again.pending is not None
            assert "documentation has failed" in again.pending["prompt"]
            assert "guardrail" not in again.pending["prompt"]
            await pipeline.review(task.id, "approve")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"

    async def test_the_comment_reaches_the_stages_after_it(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await stopped(pipeline, gateway)
            await pipeline.review(task.id, "approve", comment="It is only a sample")
            await pipeline.go_on(task.id, gateway)
        told = {role_of(body): body["messages"][1]["content"] for body in gateway.bodies}
        assert "It is only a sample" in told["documentation"]
        assert "It is only a sample" not in told["code_review"]


class TestClarification:
    async def test_questions_are_put_and_their_answers_used(self, pipeline: PipelineRig) -> None:
        model = Model(context=ASKS)
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
            assert task.status == "clarification_needed"
            assert task.pending is not None
            assert task.pending["kind"] == "clarification"
            assert task.pending["prompt"] == "Which cat?\nWhich hat?"
            assert model.asked == ["context"]
            await pipeline.clarify(task.id, "Tom", "The red one")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"
        assert model.asked.count("context") == 1
        work = next(body for body in gateway.bodies if role_of(body) == "task")
        for part in ("Which cat?", "Tom", "The red one"):
            assert part in work["messages"][1]["content"]

    async def test_a_task_that_asks_nothing_takes_no_answers(self, pipeline: PipelineRig) -> None:
        task_id = await pipeline.submit()
        with pytest.raises(WrongState):
            await pipeline.clarify(task_id, "Tom")
