"""Where calls go: by name, by `auto`, by strategy, by key, behind failures."""

from collections.abc import AsyncIterator

import pytest

from services.kit.auth import Principal
from services.kit.db import Database
from services.llm_gateway.errors import ModelForbidden, ProviderDown, QuotaExceeded, UnknownModel
from services.llm_gateway.routing.categories import Classifier
from tests.fixtures.routes import Routes, Vendor, routes

OFFLINE = "offline/nova"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def found(database: Database) -> AsyncIterator[Routes]:
    """Two local servers and two in the cloud; groq is not set up."""
    vendors = {
        "ollama": Vendor("llama", "nomic-embed-text"),
        "vllm": Vendor("qwen"),
        "openai": Vendor("gpt-4o", "gpt-4o-mini", "text-embedding-3-small"),
        "anthropic": Vendor("claude-haiku"),
    }
    async with routes(database, vendors) as made:
        await made.known()
        yield made


class TestStrategies:
    @pytest.mark.parametrize(
        ("strategy", "expected"),
        [
            ("local-first", ["ollama/llama", "vllm/qwen", "gpt-4o", "claude-haiku"]),
            ("local-only", ["ollama/llama", "vllm/qwen"]),
            ("cloud-first", ["gpt-4o", "claude-haiku", "ollama/llama", "vllm/qwen"]),
            ("cloud-only", ["gpt-4o", "claude-haiku"]),
        ],
    )
    async def test_the_order_of_auto(
        self, found: Routes, strategy: str, expected: list[str]
    ) -> None:
        await found.configure(llm__routing_strategy=strategy)
        assert await found.ids("auto") == expected
        assert (await found.resolver.route("auto")).strategy == strategy

    async def test_the_default_model_stands_first(self, found: Routes) -> None:
        await found.configure(llm__default_chat_model="claude-haiku")
        assert (await found.ids("auto"))[:2] == ["claude-haiku", "ollama/llama"]

    async def test_the_cloud_fallback_model_is_taken_of_its_provider(self, found: Routes) -> None:
        await found.configure(
            llm__cloud_fallback_model="gpt-4o-mini", llm__routing_strategy="cloud-first"
        )
        assert (await found.ids("auto"))[0] == "gpt-4o-mini"

    async def test_who_is_down_is_passed_over_with_the_reason(self, found: Routes) -> None:
        found.vendors["ollama"].is_down = True
        await found.resolver.providers["ollama"].state(fresh=True)
        route = await found.resolver.route("auto")
        assert route.targets[0].id == "vllm/qwen"
        assert [over.name for over in route.passed_over] == ["ollama"]
        assert "503" in route.passed_over[0].reason

    async def test_offline_only_if_there_is_nothing_else(self, database: Database) -> None:
        async with routes(database, {}) as made:
            (only,) = await made.ids("auto")
            assert only.startswith("offline/")
            await made.configure(llm__routing_strategy="cloud-only")
            assert (await made.ids("auto"))[0].startswith("offline/")

    async def test_a_slow_provider_behind_the_first_delays_nobody(self, database: Database) -> None:
        vendors = {"ollama": Vendor("llama"), "openai": Vendor("gpt-4o")}
        async with routes(database, vendors) as made:
            assert await made.ids("auto") == ["ollama/llama"]
            # It has been asked in the background meanwhile.
            await made.resolver.availability.settled()
            assert await made.ids("auto") == ["ollama/llama", "gpt-4o"]


class TestLocalOnly:
    async def test_nothing_leaves_by_name_default_or_fallback(self, found: Routes) -> None:
        await found.configure(
            llm__routing_strategy="local-only",
            llm__default_chat_model="gpt-4o",
            llm__cloud_fallback_model="gpt-4o",
            llm__cloud_fallback_embed_model="text-embedding-3-small",
            llm__fallbacks={"ollama": ["gpt-4o", "auto"], "gpt-4o": ["vllm/qwen"]},
        )
        assert await found.ids("auto") == ["ollama/llama", "vllm/qwen"]
        assert await found.ids("ollama/llama") == ["ollama/llama", "vllm/qwen"]
        # By its name it is refused; its chain stays on the machine.
        assert await found.ids("gpt-4o") == ["vllm/qwen"]
        with pytest.raises(ModelForbidden, match="local-only") as refused:
            await found.resolver.route("claude-haiku")
        assert refused.value.code == "local_only"
        with pytest.raises(ModelForbidden):
            await found.resolver.embedding_route("text-embedding-3-small")
        (target,) = (await found.resolver.embedding_route(None)).targets
        assert target.id == "ollama/nomic-embed-text"

    async def test_a_strategy_from_the_environment_is_a_promise_too(self, found: Routes) -> None:
        found.resolver.environment_strategy = "local-only"
        with pytest.raises(ModelForbidden):
            await found.resolver.route("gpt-4o")


class TestByName:
    async def test_one_model_and_no_other(self, found: Routes) -> None:
        assert await found.ids("gpt-4o") == ["gpt-4o"]

    async def test_the_models_chain_stands_before_its_providers(self, found: Routes) -> None:
        await found.configure(
            llm__fallbacks={"openai": ["claude-haiku"], "gpt-4o": ["vllm/qwen", "gpt-4o-mini"]}
        )
        assert await found.ids("gpt-4o") == ["gpt-4o", "vllm/qwen", "gpt-4o-mini"]
        assert await found.ids("gpt-4o-mini") == ["gpt-4o-mini", "claude-haiku"]

    async def test_a_chain_may_end_in_auto_and_repeats_nobody(self, found: Routes) -> None:
        await found.configure(llm__fallbacks={"gpt-4o": ["gpt-4o", "claude-haiku", "auto"]})
        assert await found.ids("gpt-4o") == ["gpt-4o", "claude-haiku", "ollama/llama", "vllm/qwen"]

    async def test_what_is_not_set_up_falls_to_its_chain(self, found: Routes) -> None:
        await found.configure(llm__fallbacks={"groq/llama": ["claude-haiku"]})
        assert await found.ids("groq/llama") == ["claude-haiku"]
        with pytest.raises(UnknownModel):
            await found.resolver.route("groq/other")

    async def test_members_that_can_not_be_taken_are_passed_over(self, found: Routes) -> None:
        await found.configure(llm__fallbacks={"gpt-4o": ["groq/x", "ollama/", "vllm/qwen"]})
        route = await found.resolver.route("gpt-4o")
        assert [target.id for target in route.targets] == ["gpt-4o", "vllm/qwen"]
        assert [over.name for over in route.passed_over] == ["groq/x", "ollama/"]


class TestKeys:
    async def test_auto_takes_what_the_key_may_use(self, found: Routes) -> None:
        key = await found.key("gpt-4o-mini", "claude*")
        assert await found.ids("auto", key) == ["gpt-4o-mini", "claude-haiku"]

    async def test_other_models_are_refused(self, found: Routes) -> None:
        key = await found.key("gpt-4o-mini")
        with pytest.raises(ModelForbidden, match="gpt-4o"):
            await found.resolver.route("gpt-4o", key)
        await found.configure(llm__fallbacks={"gpt-4o-mini": ["gpt-4o", "claude-haiku"]})
        assert await found.ids("gpt-4o-mini", key) == ["gpt-4o-mini"]

    async def test_none_of_its_models_is_there(self, found: Routes) -> None:
        with pytest.raises(ModelForbidden):
            await found.resolver.route("auto", await found.key("groq/*"))
        with pytest.raises(ModelForbidden):
            await found.resolver.route("auto", await found.key())


class TestHeldBack:
    async def test_auto_skips_an_open_breaker(self, found: Routes) -> None:
        for _ in range(5):
            found.breaker.failed("ollama", ProviderDown("It is away."))
        route = await found.resolver.route("auto")
        assert route.targets[0].id == "vllm/qwen"
        assert "It is away" in route.passed_over[0].reason

    async def test_rather_one_of_those_than_offline(self, database: Database) -> None:
        async with routes(database, {"openai": Vendor("gpt-4o")}) as made:
            for _ in range(5):
                made.breaker.failed("openai", ProviderDown("It is away."))
            assert await made.ids("auto") == ["gpt-4o"]

    async def test_auto_skips_who_has_no_calls_left_today(self, found: Routes) -> None:
        await found.configure(
            llm__routing_strategy="cloud-first", limits__provider_daily_requests={"openai": 0}
        )
        with pytest.raises(QuotaExceeded):
            await found.quotas.take("openai")
        route = await found.resolver.route("auto")
        assert route.targets[0].id == "claude-haiku"
        assert "used up" in route.passed_over[0].reason


class TestCategories:
    async def test_the_models_of_the_category_stand_first(self, found: Routes) -> None:
        async def ask(*_given: object) -> str:
            return "creative"

        found.resolver.classifier = Classifier(found.config, ask)
        caller = Principal(kind="admin", name="admin")
        await found.configure(
            llm__model_routing_map={"creative": ["groq/x", "claude-haiku"], "code": ["vllm/qwen"]}
        )
        off = await found.resolver.route("auto", caller, lambda: "A poem")
        assert (off.category, off.targets[0].id) == (None, "ollama/llama")
        await found.configure(llm__intelligent_routing=True)
        route = await found.resolver.route("auto", caller, lambda: "A poem")
        assert route.category == "creative"
        assert [target.id for target in route.targets][:2] == ["claude-haiku", "ollama/llama"]
        code = await found.resolver.route("auto", caller, lambda: "```x```")
        assert (code.category, code.targets[0].id) == ("code", "vllm/qwen")
        # A model that is named is what the client wants.
        named = await found.resolver.route("gpt-4o", caller, lambda: "A poem")
        assert (named.category, named.targets[0].id) == (None, "gpt-4o")


class TestEmbeddings:
    async def test_never_another_model_than_the_one_that_was_named(self, found: Routes) -> None:
        await found.configure(
            llm__fallbacks={"text-embedding-3-small": ["ollama/nomic-embed-text"]}
        )
        (target,) = (await found.resolver.embedding_route("text-embedding-3-small")).targets
        assert target.id == "text-embedding-3-small"

    async def test_without_a_name_the_cloud_first(self, found: Routes) -> None:
        (target,) = (await found.resolver.embedding_route(None)).targets
        assert target.id == "text-embedding-3-small"
