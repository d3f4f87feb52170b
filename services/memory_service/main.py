"""granian's target: `granian --interface asgi services.memory_service.main:app`."""

from services.kit.settings import load_settings
from services.memory_service.app import build_app
from services.memory_service.settings import Settings

app = build_app(load_settings(Settings))
