"""granian's target: `granian --interface asgi services.llm_gateway.main:app`."""

from services.kit.settings import load_settings
from services.llm_gateway.app import build_front
from services.llm_gateway.settings import Settings

app = build_front(load_settings(Settings))
