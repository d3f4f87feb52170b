"""The pages "Models" and "API keys" in a real browser, before a whole Nova: keys are added and used."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.fixtures.nova import ADMIN_SECRET, Nova
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import ollama, openai
from tests.fixtures.providers.server import ProviderServer

_CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(_CHROMIUM is None, reason="Chromium is not installed"),
]
_PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def nova(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nova]:
    """A Nova with a server that wants a key, and with Ollama."""
    with ProviderServer(openai.handle) as server, ProviderServer(ollama.handle) as local:
        settings = {"OPENAI_API_BASE": f"{server.url}/v1", "OLLAMA_BASE_URL": local.url}
        instance = Nova(tmp_path_factory.mktemp("models") / "home", settings, seconds=120)
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
        expect.set_options(timeout=_PATIENCE_MS)
        found.goto("/login")
        found.get_by_label("Admin secret").fill(ADMIN_SECRET)
        found.get_by_role("button", name="Log in").click()
        yield found
        browser.close()


@pytest.mark.timeout(300)
def test_a_key_is_added_and_a_price_is_set(nova: Nova, page: Page, tmp_path: Path) -> None:
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


@pytest.mark.timeout(300)
def test_an_api_key_is_made_limited_and_revoked(nova: Nova, page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="Keys").first.click()
    expect(page.get_by_text("No keys yet")).to_be_visible()
    page.get_by_role("button", name="New key").click()
    form = page.get_by_role("form", name="New key")
    form.get_by_label("Name").fill("Robot")
    form.get_by_label("Requests a minute").fill("5")
    form.get_by_label("Models", exact=True).select_option("Only these")
    form.get_by_label("Allowed models").fill("offline/n*")
    page.screenshot(path=tmp_path / "new-key.png", full_page=True)
    form.get_by_role("button", name="Create key").click()
    note = page.get_by_role("region", name="The new key")
    key = note.get_by_text("sk-nova-").inner_text()
    page.screenshot(path=tmp_path / "made-key.png", full_page=True)
    note.get_by_role("button", name="I have stored it").click()
    expect(note).not_to_be_attached()
    assert key not in page.content()

    with httpx.Client(
        base_url=nova.url("llm-gateway"), headers={"X-API-Key": key}, timeout=60, trust_env=False
    ) as client:

        def ask(model: str) -> httpx.Response:
            messages = [{"role": "user", "content": "hello"}]
            return client.post("/v1/chat/completions", json={"model": model, "messages": messages})

        listed = client.get("/v1/models").json()["data"]
        assert [model["id"] for model in listed] == ["auto", "offline/nova"]
        answer = ask("offline/nova")
        assert (answer.status_code, answer.headers["x-ratelimit-limit-requests"]) == (200, "5")
        assert ask("gpt-4o-mini").status_code == 403
        page.reload()
        robot = page.get_by_role("listitem", name="Robot")
        expect(robot.get_by_text("5 requests a minute · no budget · offline/n*")).to_be_visible()
        expect(robot.get_by_text("last used")).to_be_visible()
        page.screenshot(path=tmp_path / "keys.png", full_page=True)
        robot.get_by_role("button", name="Revoke").click()
        robot.get_by_role("button", name="Revoke it for good?").click()
        expect(page.get_by_text("No keys yet")).to_be_visible()
        wait_until(lambda: ask("offline/nova").status_code == 401, what="the key to be refused")
