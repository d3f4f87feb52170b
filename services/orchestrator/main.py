"""granian's target: the orchestrator."""

from services.kit.settings import load_settings
from services.orchestrator.app import build_app
from services.orchestrator.settings import OrchestratorSettings

app = build_app(load_settings(OrchestratorSettings))
