"""LiteLLM as it is imported here: silent, and without a connection to anybody."""

import subprocess
import sys

from services.kit.launch.configuration import ROOT

_WATCHED = """
import asyncio, sys

def refuse(event, arguments):
    if event in {"socket.getaddrinfo", "socket.connect", "socket.gethostbyname"}:
        raise SystemExit(f"{event} {arguments}")

from services.llm_translate.call import Call
from services.llm_translate.library import Library
from services.llm_translate.service import TRANSLATIONS

library = Library()
sys.addaudithook(refuse)

async def main():
    await library.load()
    for provider, kind in TRANSLATIONS.items():
        for stream in (False, True):
            mark = {"cache_control": {"type": "ephemeral"}}
            parts = [{"type": "text", "text": "hi", **mark}]
            messages = [{"role": "user", "content": parts}]
            for model in ("claude-sonnet-4-5", "unheard-of-model"):
                tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
                body = {"model": model, "messages": messages, "stream": stream, "tools": tools}
                kind(library, Call(provider, "http://127.0.0.1:9", "k", body)).request()

asyncio.run(main())
"""


def test_it_is_silent_and_calls_nobody() -> None:
    found = subprocess.run(
        [sys.executable, "-c", _WATCHED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, ""), found.stderr
