"""LiteLLM's proxy before the same model server, in an environment that is thrown away."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.bench.gateway.sides import Side
from tests.bench.gateway.upstream import MODEL
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop, wait_until

_CONFIG = """\
model_list:
  - model_name: {model}
    litellm_params:
      model: openai/{model}
      api_base: {upstream}/v1
      api_key: sk-bench
general_settings:
  master_key: {key}
"""
_KEY = "sk-bench-proxy"


def installed(folder: Path) -> Path:
    """The folder of a new environment's programs; it takes minutes and needs a package index."""
    environment = folder / "environment"
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(environment)], check=True)
    python = str(environment / "bin" / "python")
    subprocess.run([uv, "pip", "install", "-q", "-p", python, "litellm[proxy]"], check=True)
    return environment / "bin"


@contextmanager
def litellm_proxy(folder: Path, programs: Path, *, upstream: str) -> Generator[Side]:
    """One worker, as the gateways have, with its master key as the only one."""
    config, port = folder / "litellm.yaml", free_port()
    config.write_text(_CONFIG.format(model=MODEL, upstream=upstream, key=_KEY))
    log = folder / "litellm.log"
    process = start(
        [str(programs / "litellm"), "--config", str(config), "--port", str(port)],
        log=log,
        environment={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"},
        cwd=folder,
    )
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        if process.poll() is not None:
            raise RuntimeError(log.read_text()[-2000:])
        try:
            return httpx.get(f"{url}/health/liveliness", timeout=5).is_success
        except httpx.TransportError:
            return False

    try:
        wait_until(ready, what="LiteLLM's proxy", seconds=120)
        yield Side("litellm", url, (f"authorization: Bearer {_KEY}",), process.pid)
    finally:
        stop(process)
