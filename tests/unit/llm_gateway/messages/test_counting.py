"""Headers of a request that Anthropic answers itself."""

import pytest

from services.llm_gateway.messages.counting import with_clients

OWN = {"authorization": "Bearer x", "anthropic-version": "2023-06-01"}


class TestWithClients:
    @pytest.mark.parametrize(
        ("own", "given", "both"),
        [
            ("oauth-2025-04-20", "a,b", "oauth-2025-04-20,a,b"),
            ("oauth-2025-04-20", "b, oauth-2025-04-20", "oauth-2025-04-20,b"),
            ("", "a", "a"),
            ("oauth-2025-04-20", "", "oauth-2025-04-20"),
        ],
    )
    def test_betas_are_those_of_both(self, own: str, given: str, both: str) -> None:
        headers = with_clients({**OWN, "anthropic-beta": own}, {"anthropic-beta": given})
        assert headers == {**OWN, "anthropic-beta": both}

    def test_without_betas(self) -> None:
        headers = with_clients(OWN, {"anthropic-version": "2024-01-01"})
        assert headers == {**OWN, "anthropic-version": "2024-01-01"}
