"""granian's target: `granian --interface asgi services.dashboard.main:app`."""

from services.dashboard.app import DashboardApp
from services.dashboard.settings import Settings

app = DashboardApp(Settings.from_environ())
