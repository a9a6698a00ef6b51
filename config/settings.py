"""What differs between installations: the server, the knowledge base and the ways in."""

from dataclasses import dataclass
from pathlib import Path

from config import forms
from config.forms import LOOPBACK, setting
from config.staff import StaffSettings

APP_TYPES = ("MultiTenant", "SingleTenant")


@dataclass(frozen=True, kw_only=True)
class Settings(StaffSettings):
    """Everything that differs between installations. Secrets can also come from `NAME_FILE`."""

    database_url: str = setting(
        "DATABASE_URL",
        "sqlite:///data/billing.db",
        forms.text,
        "sqlite:///PATH or postgresql://...",
        "Where conversations are kept; several processes need PostgreSQL.",
        secret=True,
    )
    host: str = setting("HOST", "127.0.0.1", forms.text, "an address", "The address to listen on.")
    port: int = setting("PORT", 3978, forms.integer, "a whole number", "The port to listen on.")
    public_url: str = setting(
        "PUBLIC_URL",
        "",
        forms.url,
        "https://...",
        "The address customers reach; needed behind a proxy, used in links and stream addresses.",
    )
    content: Path = setting(
        "CONTENT",
        Path(__file__).parents[1] / "knowledge" / "content",
        forms.path,
        "a folder",
        "The knowledge base: policy, entries, messages, golden questions.",
    )
    encoder: str = setting(
        "ENCODER",
        "default",
        forms.text,
        "none, default or a folder",
        "Sentence vectors: none, the bundled ones, or an ONNX model in a folder.",
    )
    max_wrong_answers: float = setting(
        "MAX_WRONG_ANSWERS",
        0.02,
        forms.share,
        "a number between 0 and 1",
        "At most this share of the questions asked may be expected to get a wrong answer; less "
        "makes the bot ask back more often.",
    )
    max_turned_away: float = setting(
        "MAX_TURNED_AWAY",
        0.03,
        forms.share,
        "a number between 0 and 1",
        "At most this share of the questions that an entry answers may be expected to find none; "
        "less makes the bot ask back where it would say that it does not know.",
    )
    cache: Path = setting(
        "CACHE", Path("data/cache"), forms.path, "a folder", "Where fitted indexes are kept."
    )
    widget_origins: tuple[str, ...] = setting(
        "WIDGET_ORIGINS",
        (),
        forms.words,
        "https://shop.example https://www.example",
        "Sites that may show the widget; our own pages always may.",
    )
    direct_line_secrets: tuple[str, ...] = setting(
        "DIRECT_LINE_SECRET",
        (),
        forms.secrets,
        "one secret or several, each of at least 32 characters",
        "Signs the widget's tokens and opens the Direct Line API to servers; made and kept in the "
        "database when empty. To change it, name the new one first and the old one behind it.",
        secret=True,
    )
    tokens_per_minute: int = setting(
        "TOKENS_PER_MINUTE",
        20,
        forms.integer,
        "a whole number",
        "How many conversations one address may begin in a minute.",
    )
    trusted_proxies: tuple[str, ...] = setting(
        "TRUSTED_PROXIES",
        (),
        forms.networks,
        "addresses or networks",
        "Proxies whose X-Forwarded headers are believed; behind one that is not listed all "
        "customers share its address and its limits.",
    )
    app_id: str = setting(
        "MicrosoftAppId",
        "",
        forms.text,
        "a GUID",
        "The bot's app id in Entra ID; without one only --dev on this machine.",
    )
    app_password: str = setting(
        "MicrosoftAppPassword", "", forms.text, "a secret", "The bot's client secret.", secret=True
    )
    app_type: str = setting(
        "MicrosoftAppType",
        "MultiTenant",
        forms.one_of(*APP_TYPES),
        " or ".join(APP_TYPES),
        "How the app is registered.",
    )
    tenant_id: str = setting(
        "MicrosoftAppTenantId",
        "",
        forms.text,
        "a GUID",
        "The app's tenant when it is SingleTenant.",
    )
    openid_metadata_url: str = setting(
        "CHANNEL_OPENID_METADATA_URL",
        "https://login.botframework.com/v1/.well-known/openidconfiguration",
        forms.url,
        "https://...",
        "Where the channel's keys are described; other clouds have their own.",
    )
    token_url: str = setting(
        "CHANNEL_TOKEN_URL",
        "",
        forms.url,
        "https://...",
        "Where the bot gets its own token; empty means Microsoft's for the app type.",
    )
    issuer: str = setting(
        "CHANNEL_ISSUER",
        "https://api.botframework.com",
        forms.url,
        "https://...",
        "Who signs the channel's tokens; other clouds have their own.",
    )
    service_url_hosts: tuple[str, ...] = setting(
        "SERVICE_URL_HOSTS",
        (),
        forms.words,
        "host names",
        "Further hosts the bot may send replies to (other clouds, tests).",
    )
    log_level: str = setting(
        "LOG_LEVEL",
        "INFO",
        forms.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        "DEBUG, INFO, WARNING or ERROR",
        "How much is logged; what customers write never is.",
    )
    dev: bool = False

    @property
    def base_url(self) -> str:
        return (
            self.public_url
            or f"http://{'localhost' if self.on_loopback else self.host}:{self.port}"
        )

    @property
    def on_loopback(self) -> bool:
        return self.host in LOOPBACK
