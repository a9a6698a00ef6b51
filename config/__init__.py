"""Settings from the environment and `.env`; a bad value stops the start with one sentence."""

from config.reading import ConfigError, load_settings
from config.settings import Settings

__all__ = ["ConfigError", "Settings", "load_settings"]
