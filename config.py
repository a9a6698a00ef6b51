"""Settings from the environment and `.env`; a bad value stops the start with one sentence."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)

T = TypeVar("T")

APP_TYPES = ("MultiTenant", "SingleTenant")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ConfigError(Exception):
    """A setting is missing or wrong; the message says which, and what to write instead."""


def _text(value: str) -> str:
    return value.strip()


def _integer(value: str) -> int:
    return int(value)


def _share(value: str) -> float:
    share = float(value)
    if not 0 < share < 1:
        raise ValueError(value)
    return share


def _words(value: str) -> tuple[str, ...]:
    return tuple(value.replace(",", " ").split())


def _secrets(value: str) -> tuple[str, ...]:
    secrets = _words(value)
    if any(len(secret) < 32 for secret in secrets):
        raise ValueError("too short")
    return secrets


def _networks(value: str) -> tuple[str, ...]:
    return tuple(str(ip_network(word, strict=False)) for word in _words(value))


def _yes_or_no(value: str) -> bool:
    return {"yes": True, "no": False}[_one_of("yes", "no")(value)]


def _pairs(value: str) -> tuple[tuple[str, str], ...]:
    """`A=b C=d`"""
    pairs = [word.rpartition("=") for word in _words(value)]
    if not all(name and theirs for name, _, theirs in pairs):
        raise ValueError(value)
    return tuple((name, theirs) for name, _, theirs in pairs)


def _issuer(value: str) -> str:
    """As the provider writes it, with or without a slash at the end."""
    parts = urlsplit(value.strip())
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError(value)
    return value.strip()


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _url(value: str) -> str:
    if value and urlsplit(value).scheme not in ("http", "https"):
        raise ValueError(value)
    return value.rstrip("/")


def _urls(value: str) -> tuple[str, ...]:
    urls = _words(value)
    if not all(_url(url) and urlsplit(url).hostname for url in urls):
        raise ValueError(value)
    return urls


def _smtp(value: str) -> str:
    parts = urlsplit(value.strip())
    if value and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ValueError(value)
    return value.strip()


def _mail(value: str) -> str:
    if not _ADDRESS.fullmatch(parseaddr(value)[1]) or not value.isprintable():
        raise ValueError(value)
    return value.strip()


def _mails(value: str) -> tuple[str, ...]:
    return tuple(_mail(word) for word in _words(value))


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(value)
        return value

    return parse


def _setting(
    name: str, default: Any, parse: Callable[[str], Any], form: str, help: str, secret: bool = False
) -> Any:
    """One setting: its name in the environment, how it is read, and what the README says of it."""
    metadata = {"name": name, "parse": parse, "form": form, "help": help, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between installations. Secrets can also come from `NAME_FILE`."""

    database_url: str = _setting(
        "DATABASE_URL",
        "sqlite:///data/billing.db",
        _text,
        "sqlite:///PATH or postgresql://...",
        "Where conversations are kept; several processes need PostgreSQL.",
        secret=True,
    )
    host: str = _setting("HOST", "127.0.0.1", _text, "an address", "The address to listen on.")
    port: int = _setting("PORT", 3978, _integer, "a whole number", "The port to listen on.")
    public_url: str = _setting(
        "PUBLIC_URL",
        "",
        _url,
        "https://...",
        "The address customers reach; needed behind a proxy, used in links and stream addresses.",
    )
    content: Path = _setting(
        "CONTENT",
        Path(__file__).parent / "knowledge" / "content",
        _path,
        "a folder",
        "The knowledge base: policy, entries, messages, golden questions.",
    )
    encoder: str = _setting(
        "ENCODER",
        "default",
        _text,
        "none, default or a folder",
        "Sentence vectors: none, the bundled ones, or an ONNX model in a folder.",
    )
    max_wrong_answers: float = _setting(
        "MAX_WRONG_ANSWERS",
        0.02,
        _share,
        "a number between 0 and 1",
        "At most this share of the questions asked may be expected to get a wrong answer; less "
        "makes the bot ask back more often.",
    )
    cache: Path = _setting(
        "CACHE", Path("data/cache"), _path, "a folder", "Where fitted indexes are kept."
    )
    widget_origins: tuple[str, ...] = _setting(
        "WIDGET_ORIGINS",
        (),
        _words,
        "https://shop.example https://www.example",
        "Sites that may show the widget; our own pages always may.",
    )
    direct_line_secrets: tuple[str, ...] = _setting(
        "DIRECT_LINE_SECRET",
        (),
        _secrets,
        "one secret or several, each of at least 32 characters",
        "Signs the widget's tokens and opens the Direct Line API to servers; made and kept in the "
        "database when empty. To change it, name the new one first and the old one behind it.",
        secret=True,
    )
    tokens_per_minute: int = _setting(
        "TOKENS_PER_MINUTE",
        20,
        _integer,
        "a whole number",
        "How many conversations one address may begin in a minute.",
    )
    trusted_proxies: tuple[str, ...] = _setting(
        "TRUSTED_PROXIES",
        (),
        _networks,
        "addresses or networks",
        "Proxies whose X-Forwarded headers are believed; behind one that is not listed all "
        "customers share its address and its limits.",
    )
    app_id: str = _setting(
        "MicrosoftAppId",
        "",
        _text,
        "a GUID",
        "The bot's app id in Entra ID; without one only --dev on this machine.",
    )
    app_password: str = _setting(
        "MicrosoftAppPassword", "", _text, "a secret", "The bot's client secret.", secret=True
    )
    app_type: str = _setting(
        "MicrosoftAppType",
        "MultiTenant",
        _one_of(*APP_TYPES),
        " or ".join(APP_TYPES),
        "How the app is registered.",
    )
    tenant_id: str = _setting(
        "MicrosoftAppTenantId", "", _text, "a GUID", "The app's tenant when it is SingleTenant."
    )
    openid_metadata_url: str = _setting(
        "CHANNEL_OPENID_METADATA_URL",
        "https://login.botframework.com/v1/.well-known/openidconfiguration",
        _url,
        "https://...",
        "Where the channel's keys are described; other clouds have their own.",
    )
    token_url: str = _setting(
        "CHANNEL_TOKEN_URL",
        "",
        _url,
        "https://...",
        "Where the bot gets its own token; empty means Microsoft's for the app type.",
    )
    issuer: str = _setting(
        "CHANNEL_ISSUER",
        "https://api.botframework.com",
        _url,
        "https://...",
        "Who signs the channel's tokens; other clouds have their own.",
    )
    service_url_hosts: tuple[str, ...] = _setting(
        "SERVICE_URL_HOSTS",
        (),
        _words,
        "host names",
        "Further hosts the bot may send replies to (other clouds, tests).",
    )
    local_accounts: bool = _setting(
        "LOCAL_ACCOUNTS",
        True,
        _yes_or_no,
        "yes or no",
        "Whether people can sign in with a password of ours; no needs OIDC_ISSUER.",
    )
    session_hours: int = _setting(
        "SESSION_HOURS",
        12,
        _integer,
        "a whole number",
        "After so many hours everybody signs in again.",
    )
    session_idle_minutes: int = _setting(
        "SESSION_IDLE_MINUTES",
        120,
        _integer,
        "a whole number",
        "Who does nothing for so long is signed out; an open conversation screen counts as use.",
    )
    oidc_issuer: str = _setting(
        "OIDC_ISSUER",
        "",
        _issuer,
        "https://...",
        "The OpenID provider people sign in with; for Entra ID "
        "https://login.microsoftonline.com/TENANT/v2.0.",
    )
    oidc_client_id: str = _setting(
        "OIDC_CLIENT_ID", "", _text, "an id", "Our id at the OpenID provider."
    )
    oidc_client_secret: str = _setting(
        "OIDC_CLIENT_SECRET", "", _text, "a secret", "Our secret at the provider.", secret=True
    )
    oidc_roles: tuple[tuple[str, str], ...] = _setting(
        "OIDC_ROLES",
        (),
        _pairs,
        "Billing.Admin=billing_admin Support.Agent=helpdesk_agent",
        "The provider's app roles (the claim `roles`) and the roles they give here.",
    )
    oidc_name: str = _setting(
        "OIDC_NAME", "Microsoft", _text, "a name", "What the sign-in button calls the provider."
    )
    desk_teams_channel: str = _setting(
        "DESK_TEAMS_CHANNEL",
        "",
        _text,
        "a channel's id such as 19:...@thread.tacv2",
        "The agents' channel in Teams; when empty an agent can connect one.",
    )
    desk_teams_service_url: str = _setting(
        "DESK_TEAMS_SERVICE_URL",
        "https://smba.trafficmanager.net/teams",
        _url,
        "https://...",
        "Where that channel is served until something comes out of it.",
    )
    desk_teams_people: tuple[tuple[str, str], ...] = _setting(
        "DESK_TEAMS_PEOPLE",
        (),
        _pairs,
        "OBJECT-ID=ADDRESS ...",
        "Which account each agent in Teams has: the user's object id in Entra ID, and the address "
        "the account signs in with or its id.",
    )
    desk_teams_anyone: bool = _setting(
        "DESK_TEAMS_ANYONE",
        False,
        _yes_or_no,
        "yes or no",
        "Whether everybody in the agents' channel may answer customers, also without an account.",
    )
    review_before_publish: bool = _setting(
        "REVIEW_BEFORE_PUBLISH",
        False,
        _yes_or_no,
        "yes or no",
        "Whether a second person has to approve what an editor publishes.",
    )
    webhook_urls: tuple[str, ...] = _setting(
        "WEBHOOK_URLS",
        (),
        _urls,
        "https://...",
        "Systems that are told of every handoff by a signed webhook.",
    )
    webhook_secret: tuple[str, ...] = _setting(
        "WEBHOOK_SECRET",
        (),
        _secrets,
        "one secret or several, each of at least 32 characters",
        "Signs webhooks in both directions; with it other systems may answer at /hooks. To change "
        "it, name the new one first and the old one behind it.",
        secret=True,
    )
    webhook_allow_private: bool = _setting(
        "WEBHOOK_ALLOW_PRIVATE",
        False,
        _yes_or_no,
        "yes or no",
        "Whether webhooks may go to private addresses, and without encryption.",
    )
    handoff_hub_url: str = _setting(
        "HANDOFF_HUB_URL",
        "",
        _url,
        "https://hub.example/v3/directline",
        "A handoff hub's Direct Line, which gets every request for a person with its transcript.",
    )
    handoff_hub_secret: str = _setting(
        "HANDOFF_HUB_SECRET", "", _text, "a secret", "Opens the hub's Direct Line.", secret=True
    )
    smtp_url: str = _setting(
        "SMTP_URL",
        "",
        _smtp,
        "smtp://user:password@host:587 or smtps://...",
        "The server that sends mail.",
        secret=True,
    )
    mail_from: str = _setting(
        "MAIL_FROM",
        "",
        _mail,
        "an e-mail address, alone or as Name <address>",
        "Who mail comes from; replies are not read.",
    )
    desk_mail_to: tuple[str, ...] = _setting(
        "DESK_MAIL_TO",
        (),
        _mails,
        "e-mail addresses",
        "Who gets a mail when somebody waits for a person.",
    )
    writing_model_url: str = _setting(
        "WRITING_MODEL_URL",
        "",
        _url,
        "http://127.0.0.1:11434/v1",
        "A language model of your own with the OpenAI chat interface, which may propose texts to "
        "editors; it gets entries, never what customers write.",
    )
    writing_model_name: str = _setting(
        "WRITING_MODEL_NAME", "default", _text, "a name", "Which of its models is asked."
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        "INFO",
        _one_of("DEBUG", "INFO", "WARNING", "ERROR"),
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
