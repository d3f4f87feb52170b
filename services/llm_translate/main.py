"""granian's target: `granian --interface asgi services.llm_translate.main:app`."""

from services.kit.settings import load_settings
from services.llm_translate.app import build_app
from services.llm_translate.settings import Settings

app = build_app(load_settings(Settings))
