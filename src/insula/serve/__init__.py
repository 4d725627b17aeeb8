"""The engine behind HTTP and WebSocket: `insula serve`, or `app(Settings())` inside a server of your own."""

from .app import app
from .settings import Settings

__all__ = ["Settings", "app"]
