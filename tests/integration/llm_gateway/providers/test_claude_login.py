"""The login that Claude's command line keeps in a file."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.llm_gateway.providers.base import Provider
from tests.fixtures.providers import anthropic
from tests.fixtures.providers.server import ProviderServer, Reply, Request, Stream
from tests.integration.llm_gateway.providers.conftest import MakeProviders

NEW = "sk-ant-oat01-new"


class Vendor:
    """Anthropic's server and its token server, which knows one refresh token at a time."""

    def __init__(self) -> None:
        self.good = {NEW}
        self.refresh = "refresh-1"
        self.renewals = 0

    async def handle(self, request: Request) -> Reply | Stream:
        if request.path == "/token":
            return self.renewed(request.json)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.good:
            return anthropic.error(401)
        assert request.headers["anthropic-beta"] == "oauth-2025-04-20"
        headers = {**request.headers, "x-api-key": "x"}
        return await anthropic.handle(
            Request(request.method, request.path, headers, request.body, request.query)
        )

    def renewed(self, asked: dict[str, Any]) -> Reply:
        if asked["refresh_token"] != self.refresh:
            return Reply({"error": "invalid_grant"}, 400)
        self.renewals += 1
        self.refresh = f"refresh-{self.renewals + 1}"
        return Reply({"access_token": NEW, "refresh_token": self.refresh, "expires_in": 28_800})


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def server(vendor: Vendor) -> Iterator[ProviderServer]:
    with ProviderServer(vendor.handle) as started:
        yield started


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "claude").mkdir()
    return tmp_path / "claude" / ".credentials.json"


def write(file: Path, token: str, *, seconds: float, refresh: str = "refresh-1") -> None:
    section = {
        "accessToken": token,
        "refreshToken": refresh,
        "expiresAt": int((time.time() + seconds) * 1000),
        "scopes": ["user:inference"],
    }
    file.write_text(json.dumps({"claudeAiOauth": section, "mcpOAuth": {"kept": True}}))
    file.chmod(0o600)


async def made(make: MakeProviders, server: ProviderServer, **more: Any) -> Provider:
    given = {"claude_max_base_url": server.url, "claude_max_token_url": f"{server.url}/token"}
    return (await make(**given, **more))["claude-max"]


class TestLogin:
    async def test_a_fresh_token_is_used_as_it_is(
        self, make_providers: MakeProviders, server: ProviderServer, vendor: Vendor, file: Path
    ) -> None:
        write(file, NEW, seconds=3600)
        before = file.read_bytes()
        assert (await (await made(make_providers, server)).state()).available
        assert vendor.renewals == 0
        assert file.read_bytes() == before

    async def test_an_ended_one_is_renewed_once_by_all_who_need_it(
        self, make_providers: MakeProviders, server: ProviderServer, vendor: Vendor, file: Path
    ) -> None:
        write(file, "sk-ant-oat01-old", seconds=-1)
        # Two gateways, two callers each.
        both = [await made(make_providers, server) for _ in range(2)]
        states = await asyncio.gather(*(one.state() for one in both for _ in range(2)))
        assert all(state.available for state in states)
        assert vendor.renewals == 1
        kept = json.loads(file.read_text())
        assert kept["mcpOAuth"] == {"kept": True}
        assert kept["claudeAiOauth"]["accessToken"] == NEW
        assert kept["claudeAiOauth"]["refreshToken"] == "refresh-2"
        assert kept["claudeAiOauth"]["scopes"] == ["user:inference"]
        assert kept["claudeAiOauth"]["expiresAt"] > (time.time() + 28_000) * 1000
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in file.parent.iterdir()] == [file.name]

    async def test_a_link_stays_a_link(
        self, make_providers: MakeProviders, server: ProviderServer, tmp_path: Path, file: Path
    ) -> None:
        real = tmp_path / "real.json"
        write(real, "sk-ant-oat01-old", seconds=-1)
        file.symlink_to(real)
        assert (await (await made(make_providers, server)).state()).available
        assert file.is_symlink()
        assert json.loads(real.read_text())["claudeAiOauth"]["accessToken"] == NEW

    async def test_a_renewal_that_is_refused_says_what_to_do(
        self, make_providers: MakeProviders, server: ProviderServer, file: Path
    ) -> None:
        write(file, "sk-ant-oat01-old", seconds=-1, refresh="used up")
        before = file.read_bytes()
        state = await (await made(make_providers, server)).state()
        assert (state.configured, state.available) == (True, False)
        assert "invalid_grant" in state.reason
        assert "Log in again" in state.reason
        assert file.read_bytes() == before

    async def test_a_login_made_anew_is_seen(
        self, make_providers: MakeProviders, server: ProviderServer, file: Path
    ) -> None:
        provider = await made(make_providers, server)
        assert not (await provider.state()).configured
        write(file, NEW, seconds=3600)
        assert (await provider.state()).available
        file.unlink()
        assert not (await provider.state()).configured

    @pytest.mark.parametrize(
        "content", ["", "[]", "{", '{"claudeAiOauth": 5}', '{"claudeAiOauth": {"accessToken": ""}}']
    )
    async def test_a_file_that_is_no_login(
        self, make_providers: MakeProviders, server: ProviderServer, file: Path, content: str
    ) -> None:
        file.write_text(content)
        assert not (await (await made(make_providers, server)).state()).configured

    async def test_it_can_be_left_alone(
        self, make_providers: MakeProviders, server: ProviderServer, file: Path
    ) -> None:
        write(file, NEW, seconds=3600)
        provider = await made(make_providers, server, nova_cli_logins=False)
        assert not (await provider.state()).configured

    async def test_a_token_of_the_environment_goes_before(
        self, make_providers: MakeProviders, server: ProviderServer, vendor: Vendor, file: Path
    ) -> None:
        write(file, "sk-ant-oat01-old", seconds=-1)
        provider = await made(make_providers, server, claude_code_oauth_token=NEW)
        assert (await provider.state()).available
        assert vendor.renewals == 0
