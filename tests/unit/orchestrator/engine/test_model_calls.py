"""A request's digest: the same for the same request, another for any other."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.chat import Message, ToolCall
from contracts.llm import CompleteRequest
from services.orchestrator.engine.model_calls import digest_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text("abé🙂", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)


def call(arguments: dict[str, object]) -> ToolCall:
    return ToolCall(id="1", name="tool", arguments=arguments)


class TestDigest:
    @given(st.dictionaries(st.text("abcd", min_size=1), VALUES, max_size=6))
    def test_the_order_of_names_does_not_matter(self, arguments: dict[str, object]) -> None:
        turned = dict(reversed(arguments.items()))
        assert digest_of(call(arguments)) == digest_of(call(turned))

    @given(st.text(max_size=20), st.text(max_size=20))
    def test_another_text_is_another_request(self, one: str, other: str) -> None:
        first, second = (call({"text": text}) for text in (one, other))
        assert (digest_of(first) == digest_of(second)) == (one == other)

    def test_it_covers_model_and_messages(self) -> None:
        requests = [
            CompleteRequest(model=model, messages=[Message(role="user", content=content)])
            for model in ("a", "b")
            for content in ("x", "y")
        ]
        digests = {digest_of(request) for request in requests}
        assert len(digests) == len(requests)
        assert all(len(digest) == 64 for digest in digests)
