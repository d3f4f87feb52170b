"""The page "Models" in a real browser, before a whole Nova: a key is added and used, a price set."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.fixtures.nova import ADMIN_SECRET, Nova
from tests.fixtures.providers import ollama, openai
from tests.fixtures.providers.server import ProviderServer

_CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed"),
]
_PATIENCE_MS = 60_000


@pytest.fixture
def nova(tmp_path: Path) -> Iterator[Nova]:
    """A Nova with a server that wants a key, and with Ollama."""
    with ProviderServer(openai.handle) as server, ProviderServer(ollama.handle) as local:
        settings = {"OPENAI_API_BASE": f"{server.url}/v1", "OLLAMA_BASE_URL": local.url}
        instance = Nova(tmp_path / "home", settings, seconds=120)
        try:
            instance.wait_until_ready()
            yield instance
        finally:
            instance.stop()


@pytest.fixture
def page(nova: Nova) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        found = browser.new_page(base_url=nova.url("dashboard"))
        found.set_default_timeout(_PATIENCE_MS)
        yield found
        browser.close()


@pytest.mark.timeout(300)
def test_a_key_is_added_and_a_price_is_set(nova: Nova, page: Page, tmp_path: Path) -> None:
    expect.set_options(timeout=_PATIENCE_MS)
    page.goto("/login")
    page.get_by_label("Admin secret").fill(ADMIN_SECRET)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Models").first.click()

    server = page.get_by_role("listitem", name="OpenAI-compatible server")
    expect(server.get_by_text("401")).to_be_visible()
    server.get_by_role("button", name="Set up").click()
    server.get_by_label("New key").fill(openai.KEY)
    server.get_by_role("button", name="Add key").click()
    key = server.get_by_role("listitem", name="key 1")
    key.get_by_role("button", name="Test").click()
    expect(key.get_by_text("It works")).to_be_visible()
    expect(server.get_by_text("Ready", exact=True)).to_be_visible()
    assert openai.KEY not in page.content()
    page.screenshot(path=tmp_path / "providers.png", full_page=True)

    page.get_by_role("tab", name="Models").click()
    model = page.get_by_role("listitem", name="gpt-4o-mini")
    expect(model.get_by_text("unknown")).to_be_visible()
    model.get_by_role("button", name="Price of gpt-4o-mini").click()
    model.get_by_label("Input, $ per million").fill("2")
    model.get_by_label("Output, $ per million").fill("8")
    page.screenshot(path=tmp_path / "models.png", full_page=True)
    model.get_by_role("button", name="Save").click()
    expect(model.get_by_text("2 / 8")).to_be_visible()

    page.get_by_role("tab", name="Defaults").click()
    page.get_by_label("Aliases").fill("small = gpt-4o-mini")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.screenshot(path=tmp_path / "defaults.png", full_page=True)

    page.get_by_role("tab", name="Ollama").click()
    expect(page.get_by_text("version 0.12.0")).to_be_visible()
    page.screenshot(path=tmp_path / "ollama.png", full_page=True)

    answer = httpx.post(
        f"{nova.url('llm-gateway')}/v1/chat/completions",
        headers=nova.admin_headers,
        json={"model": "small", "messages": [{"role": "user", "content": "hello"}]},
        timeout=60,
        trust_env=False,
    )
    assert answer.json()["model"] == "gpt-4o-mini"
