"""What each part is told of the settings."""

import gc
import sys
from datetime import timedelta

from accounts.models import Role
from accounts.sessions import Lifetimes
from bot.authentication import TeamsSettings
from bot.outside import Addresses
from config import ConfigError, Settings
from knowledge.building import Builder
from knowledge.encoder import load_encoder
from knowledge.files import Content
from knowledge.matcher import Matcher
from web.oidc_provider import OidcSettings

SWITCH_S = 0.001
"""A turn crosses several threads; beside a busy one it waits so long for each, instead of 5 ms."""


def ready_to_serve() -> None:
    """What was loaded stays: the collector, which halts everything, need not go through it."""
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()


def builder_of(settings: Settings) -> Builder:
    encoder = load_encoder(settings.encoder)
    return Builder(encoder, settings.cache, settings.max_wrong_answers, settings.max_turned_away)


def build_matcher(content: Content, settings: Settings) -> Matcher:
    return builder_of(settings).build(content.basis)


def lifetimes(settings: Settings) -> Lifetimes:
    return Lifetimes(
        timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    )


def oidc_settings(settings: Settings) -> OidcSettings:
    return OidcSettings(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


def oidc_roles(settings: Settings) -> tuple[tuple[str, Role], ...]:
    try:
        return tuple((theirs, Role(ours)) for theirs, ours in settings.oidc_roles)
    except ValueError as error:
        known = ", ".join(Role)
        raise ConfigError(f"OIDC_ROLES: {error}; the roles are {known}.") from None


def addresses(settings: Settings) -> Addresses:
    """Where handoffs are told of besides the console."""
    return Addresses(
        base_url=settings.base_url,
        teams_channel=settings.desk_teams_channel,
        teams_service_url=settings.desk_teams_service_url,
        webhook_urls=settings.webhook_urls,
        webhook_secret=settings.webhook_secret,
        webhook_allow_private=settings.webhook_allow_private,
        hub_url=settings.handoff_hub_url,
        hub_secret=settings.handoff_hub_secret,
        smtp_url=settings.smtp_url,
        mail_from=settings.mail_from,
        mail_to=settings.desk_mail_to,
    )


def teams_settings(settings: Settings) -> TeamsSettings | None:
    """None with --dev and no app id: the open door on this machine."""
    if not settings.app_id:
        return None
    try:
        return TeamsSettings(
            app_id=settings.app_id,
            app_password=settings.app_password,
            app_type=settings.app_type,
            tenant_id=settings.tenant_id,
            openid_metadata_url=settings.openid_metadata_url,
            service_url_hosts=settings.service_url_hosts,
            issuer=settings.issuer,
            token_url=settings.token_url,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from None
