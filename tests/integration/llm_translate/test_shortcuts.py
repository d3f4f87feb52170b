"""The ways past LiteLLM give what LiteLLM gives: whole answers and requests, compared with it."""

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.llm_translate.call import Call
from services.llm_translate.library import Library
from services.llm_translate.openai_form import completion
from services.llm_translate.service import TRANSLATIONS
from services.llm_translate.vendors.base import Translation
from tests.bench.translation import instant

# Pydantic warns of LiteLLM's own types, as it builds them at first use.
pytestmark = pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")

MODELS = {
    "anthropic": "claude-sonnet-4-5",
    "gemini": "gemini-2.5-flash",
    "ollama_chat": "llama3.2",
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 1),
        "max_tokens": st.integers(1, 9000),
        "top_p": st.floats(0, 1),
        "stop": st.lists(TEXTS, min_size=1, max_size=3),
        "stream": st.just(value=True),
        "seed": st.integers(0, 9),
        "user": st.just("someone"),
    },
)


@pytest.fixture(scope="module")
def library() -> Library:
    found = Library()
    asyncio.run(found.load())
    return found


def translation(library: Library, provider: str, body: dict[str, Any]) -> Translation:
    copy = orjson.loads(orjson.dumps({"model": MODELS[provider], **body}))
    return TRANSLATIONS[provider](library, Call(provider, "http://127.0.0.1:9", "k", copy))


@pytest.mark.parametrize("provider", ["anthropic", "gemini"])
class TestPlainTalk:
    def test_request(self, library: Library, provider: str) -> None:
        @settings(max_examples=150, deadline=None)
        @given(TEXTS, st.lists(TEXTS, max_size=4), st.booleans(), PARAMETERS)
        def same(first: str, more: list[str], has_system: bool, parameters: dict[str, Any]) -> None:  # noqa: FBT001 - Hypothesis gives them in order
            said = [first, *more][: len(more) // 2 * 2 + 1]
            roles = ["user", "assistant"] * 3
            messages = [{"role": r, "content": t} for r, t in zip(roles, said, strict=False)]
            if has_system:
                messages.insert(0, {"role": "system", "content": "Be brief."})
            body = {"messages": messages, **parameters}
            library.templates = type(library.templates)()
            by_library = translation(library, provider, body).request()  # it fills the template
            other = [{**m, "content": "other"} for m in messages]
            translation(library, provider, {**body, "messages": other}).request()
            by_template = translation(library, provider, body).request()
            assert by_template.url == by_library.url
            assert by_template.headers == by_library.headers
            assert orjson.loads(by_template.body) == orjson.loads(by_library.body)

        same()

    def test_credentials_are_not_kept(self, library: Library, provider: str) -> None:
        body = {"model": MODELS[provider], "messages": [{"role": "user", "content": "hi"}]}
        for key in ("first", "second"):
            call = Call(provider, "http://127.0.0.1:9", key, dict(body))
            headers = TRANSLATIONS[provider](library, call).request().headers
            assert key in headers.values()


def whole(vendor: Any, **changes: Any) -> bytes:
    (reply,) = vendor(streamed=False)
    return orjson.dumps({**orjson.loads(reply.split(b"\r\n\r\n", 1)[1]), **changes})


ANSWERS = [
    ("anthropic", whole(instant.anthropic)),
    ("anthropic", whole(instant.anthropic, stop_reason="max_tokens")),
    ("anthropic", whole(instant.anthropic, stop_reason="refusal")),
    ("anthropic", whole(instant.anthropic, stop_reason="stop_sequence", stop_sequence="x")),
    (
        "anthropic",
        whole(
            instant.anthropic,
            usage={
                "input_tokens": 3,
                "output_tokens": 4,
                "cache_creation_input_tokens": 5,
                "cache_read_input_tokens": 6,
                "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0},
                "service_tier": "standard",
            },
        ),
    ),
    ("gemini", whole(instant.gemini)),
    (
        "gemini",
        whole(
            instant.gemini,
            usageMetadata={
                "promptTokenCount": 3,
                "candidatesTokenCount": 4,
                "totalTokenCount": 12,
                "thoughtsTokenCount": 5,
                "cachedContentTokenCount": 2,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}],
            },
        ),
    ),
    ("ollama_chat", whole(instant.ollama)),
    ("ollama_chat", whole(instant.ollama, done_reason="length")),
]


@pytest.mark.parametrize(("provider", "content"), ANSWERS)
def test_answer(library: Library, provider: str, content: bytes) -> None:
    body = {"messages": [{"role": "user", "content": "hi"}]}
    found = translation(library, provider, body)
    found.request()
    quick = found.quick_answer(orjson.loads(content))
    assert quick is not None
    slow = completion(found.slow_answer(content), found.call)
    for answer in (quick, slow):
        answer["id"] = answer["created"] = None
        for choice in answer["choices"]:  # Gemini's words for the finish, said a second time
            choice["message"].pop("provider_specific_fields", None)
    assert quick == slow
