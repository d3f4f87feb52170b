"""Which pod a task goes to."""

import pytest

from services.kit.errors import NotFound, WrongState
from services.orchestrator.pods.agents.service import pod_agents
from services.orchestrator.pods.routing.service import has_keyword, route_pod
from tests.fixtures.orchestrator import Orchestrator

PODS = "/api/v1/pods"


async def routed(nova: Orchestrator, text: str, pod_name: str | None = None) -> str:
    async with nova.database.transaction() as connection:
        return (await route_pod(connection, text, pod_name=pod_name)).name


async def make(nova: Orchestrator, name: str, **fields: object) -> str:
    answer = await nova.admin.post(PODS, json={"name": name, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def pod_id(nova: Orchestrator, name: str) -> str:
    return next(pod["id"] for pod in (await nova.admin.get(PODS)).json() if pod["name"] == name)


class TestRoutePod:
    async def test_without_a_hint_the_default_pod(self, orchestrator: Orchestrator) -> None:
        assert await routed(orchestrator, "Read notes.txt and count") == "Quartet"

    async def test_a_named_pod(self, orchestrator: Orchestrator) -> None:
        assert await routed(orchestrator, "anything", "Quick Reply") == "Quick Reply"

    async def test_an_unknown_name(self, orchestrator: Orchestrator) -> None:
        with pytest.raises(NotFound):
            await routed(orchestrator, "x", "Nobody")

    async def test_a_disabled_pod(self, orchestrator: Orchestrator) -> None:
        await make(orchestrator, "Off", enabled=False, routing_keywords=["music"])
        with pytest.raises(WrongState):
            await routed(orchestrator, "x", "Off")
        assert await routed(orchestrator, "play music") == "Quartet"

    async def test_keywords_and_regex_by_priority(self, orchestrator: Orchestrator) -> None:
        await make(orchestrator, "Low", routing_keywords=["music"], priority=1)
        await make(orchestrator, "High", routing_regex=r"\bmusic\b.*\bnow\b", priority=2)
        assert await routed(orchestrator, "Some MUSIC please") == "Low"
        assert await routed(orchestrator, "music, now!") == "High"
        assert await routed(orchestrator, "musical") == "Quartet"

    async def test_a_pattern_that_never_ends_is_passed_over(
        self, orchestrator: Orchestrator
    ) -> None:
        await make(orchestrator, "Evil", routing_regex=r"(x+x+)+y", priority=9)
        await make(orchestrator, "Good", routing_keywords=["mail"], priority=1)
        assert await routed(orchestrator, "mail " + "x" * 5000) == "Good"

    async def test_a_disabled_default_pod_falls_back(self, orchestrator: Orchestrator) -> None:
        quartet, quick = [await pod_id(orchestrator, name) for name in ("Quartet", "Quick Reply")]
        await orchestrator.admin.patch(f"{PODS}/{quartet}", json={"enabled": False})
        with pytest.raises(WrongState):
            await routed(orchestrator, "x")
        await orchestrator.admin.patch(f"{PODS}/{quartet}", json={"fallback_pod_id": quick})
        assert await routed(orchestrator, "x") == "Quick Reply"


class TestFallback:
    async def test_it_stands_in_for_a_pod_that_is_disabled(
        self, orchestrator: Orchestrator
    ) -> None:
        last = await make(orchestrator, "Last")
        middle = await make(orchestrator, "Middle", enabled=False, fallback_pod_id=last)
        await make(
            orchestrator, "Off", enabled=False, routing_keywords=["music"], fallback_pod_id=middle
        )
        assert await routed(orchestrator, "x", "Off") == "Last"
        assert await routed(orchestrator, "play music") == "Last"
        await orchestrator.admin.patch(f"{PODS}/{last}", json={"enabled": False})
        with pytest.raises(WrongState):
            await routed(orchestrator, "x", "Off")
        assert await routed(orchestrator, "play music") == "Quartet"


class TestPodAgents:
    async def test_switched_off_agents_do_not_run(self, orchestrator: Orchestrator) -> None:
        path = f"{PODS}/{await pod_id(orchestrator, 'Analysis')}/agents"
        agents = (await orchestrator.admin.get(path)).json()
        await orchestrator.admin.patch(f"{path}/{agents[0]['id']}", json={"enabled": False})
        async with orchestrator.database.transaction() as connection:
            pod = await route_pod(connection, "x", pod_name="Analysis")
            assert [agent.role for agent in await pod_agents(connection, pod.id)] == ["task"]


class TestKeyword:
    @pytest.mark.parametrize(
        ("text", "keyword", "found"),
        [
            ("Fix the Bug", "bug", True),
            ("debugger", "bug", False),
            ("use c++ here", "c++", True),
            ("Straße fegen", "straße", True),
            ("pull request #4", "pull request", True),
            ("", "x", False),
            ("STRASSE", "straße", True),
            ("Ä\u0308rger", "x", False),
            ("cafe\u0301 au lait", "CAFÉ", True),
            ("ΟΔΟΣ", "οδος", True),
            ("请翻译这个文件", "翻译", True),
            ("แปลเอกสารนี้", "เอกสาร", True),
            ("この文書を翻訳して", "翻訳", True),
            ("переводчик", "перевод", False),
        ],
    )
    def test_whole_words_in_any_case(self, text: str, keyword: str, *, found: bool) -> None:
        assert has_keyword(text, keyword) is found
