"""granian's target."""

from services.kit.settings import load_settings
from services.recovery.app import build_app
from services.recovery.settings import RecoverySettings

app = build_app(load_settings(RecoverySettings))
