"""granian's target: chat-api."""

from services.chat_api.app import build_app
from services.kit.settings import ServiceSettings, load_settings

app = build_app(load_settings(ServiceSettings))
