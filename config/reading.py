"""Reads and checks the settings; a bad value stops the start with one sentence."""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from config.settings import Settings


class ConfigError(Exception):
    """A setting is missing or wrong; the message says which, and what to write instead."""


def load_settings(environment: Mapping[str, str] | None = None, dev: bool = False) -> Settings:
    """Read the settings; raises ConfigError naming the variable and the form it should have."""
    given = {**_dotenv(Path(".env")), **os.environ} if environment is None else environment
    values = {
        f.name: _read(given, f.metadata) for f in fields(Settings) if _given(given, f.metadata)
    }
    settings = Settings(**values, dev=dev)
    _check(settings)
    return settings


def _given(given: Mapping[str, str], metadata: Mapping[str, Any]) -> bool:
    return bool(metadata) and bool(
        given.get(metadata["name"]) or given.get(f"{metadata['name']}_FILE")
    )


def _read(given: Mapping[str, str], metadata: Mapping[str, Any]) -> Any:
    name = metadata["name"]
    value = given.get(name) or _secret_file(name, given[f"{name}_FILE"])
    try:
        return metadata["parse"](value)
    except ValueError:
        shown = "what it is" if metadata["secret"] else repr(value)
        raise ConfigError(f"{name} must be {metadata['form']}, not {shown}.") from None


def _secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}_FILE: {path} cannot be read ({error.strerror}).") from None


def _dotenv(path: Path) -> dict[str, str]:
    """NAME=value lines; `#` begins a comment line, quotes around a value are dropped."""
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _check(settings: Settings) -> None:
    if settings.app_id and not settings.app_password:
        raise ConfigError("MicrosoftAppId is set: MicrosoftAppPassword is needed too.")
    if settings.app_type == "SingleTenant" and not settings.tenant_id:
        raise ConfigError("MicrosoftAppType is SingleTenant: MicrosoftAppTenantId is needed too.")
    if settings.oidc_issuer and not (settings.oidc_client_id and settings.oidc_client_secret):
        raise ConfigError(
            "OIDC_ISSUER is set: OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are needed too."
        )
    if not settings.local_accounts and not settings.oidc_issuer:
        raise ConfigError("LOCAL_ACCOUNTS is no: OIDC_ISSUER is needed, or nobody can sign in.")
    if settings.webhook_urls and not settings.webhook_secret:
        raise ConfigError("WEBHOOK_URLS is set: WEBHOOK_SECRET is needed too.")
    if settings.handoff_hub_url and not settings.handoff_hub_secret:
        raise ConfigError("HANDOFF_HUB_URL is set: HANDOFF_HUB_SECRET is needed too.")
    if settings.smtp_url and not settings.mail_from:
        raise ConfigError("SMTP_URL is set: MAIL_FROM is needed too.")
    if not settings.app_id and not (settings.dev and settings.on_loopback):
        _refuse_open_door(settings)


def _refuse_open_door(settings: Settings) -> None:
    """Without an app id nobody's token can be checked, so /api/messages would be open to all."""
    if settings.dev:
        raise ConfigError(
            f"--dev leaves /api/messages open, so HOST must be a loopback address, "
            f"not {settings.host}."
        )
    raise ConfigError(
        "MicrosoftAppId is missing: set it and MicrosoftAppPassword, "
        "or try the product on this machine with --dev."
    )
