"""What the environment may say of providers."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.llm_gateway.provider_settings import ProviderSettings


def settings(*slugs: str) -> ProviderSettings:
    custom: list[dict[str, Any]] = [{"slug": slug, "base_url": "http://a.test"} for slug in slugs]
    needed = dict.fromkeys(("nova_admin_secret", "nova_service_secret"), "a-secret-of-the-tests")
    return ProviderSettings.model_validate(
        {
            **needed,
            "nova_secret_key": "00" * 32,
            "database_url": "postgresql://a@b/c",
            "nova_custom_providers": custom,
        }
    )


class TestCustomProviders:
    def test_names_that_are_free(self) -> None:
        found = settings("lab", "my-openai").nova_custom_providers
        assert [custom.slug for custom in found] == ["lab", "my-openai"]

    @pytest.mark.parametrize("slug", ["local", "offline", "auto", "groq", "claude-max", "openai"])
    def test_names_that_nova_uses(self, slug: str) -> None:
        with pytest.raises(ValidationError, match=f"NOVA_CUSTOM_PROVIDERS: '{slug}' is a name"):
            settings("lab", slug)

    def test_a_name_twice(self) -> None:
        with pytest.raises(ValidationError, match="names a slug twice"):
            settings("lab", "lab")
