"""The app package that an administrator uploads to Teams."""

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.teams_icons import color_icon, outline_icon

MANIFEST_VERSION = "1.30"
SCOPES = ["personal", "team", "groupChat"]
READ_CHANNELS = "ChannelMessage.Read.Group"
"""Asked of a team's owner: agents reply in threads without mentioning the bot each time."""

_SCHEMAS = f"https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}"
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_MAX_NAME, _MAX_DEVELOPER, _MAX_COMMANDS, _MAX_TITLE = 30, 32, 12, 128
_SHORT = {
    "en": "Answers about invoices, payments, prices and subscriptions.",
    "zh": "解答账单、付款、价格和订阅方面的问题。",
}
_FULL = {
    "en": (
        "Ask in English or Chinese about invoices, payments, prices and subscriptions. "
        "Answers come at once and at any hour; a person from the support team takes over "
        "whenever you ask for one."
    ),
    "zh": (
        "您可以用中文或英文询问账单、付款、价格和订阅方面的问题。"
        "答案随时即刻送达；需要时，支持团队的同事会接手与您沟通。"
    ),
}


@dataclass(frozen=True, slots=True)
class TeamsApp:
    """What the package says about the bot. `name` has `en` and `zh`, as have `questions`: those
    are offered beside the message box, and choosing one sends it. Raises ValueError with one
    sentence when Teams would refuse the package."""

    app_id: str
    url: str
    name: Mapping[str, str]
    developer: str
    questions: Sequence[Mapping[str, str]] = ()
    privacy_url: str = ""
    terms_url: str = ""
    version: str = "1.0.0"
    accent: str = "#0d5c86"

    def __post_init__(self) -> None:
        if not _GUID.fullmatch(self.app_id):
            raise ValueError(f"The app id must be a GUID, not {self.app_id!r}.")
        for url in filter(None, (self.url, self.privacy_url, self.terms_url)):
            if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
                raise ValueError(f"Teams wants https addresses, not {url!r}.")
        for text in self.name.values():
            _check_length("The name", text, _MAX_NAME)
        _check_length("The developer's name", self.developer, _MAX_DEVELOPER)
        for question in self.questions:
            for text in question.values():
                _check_length("A question", text, _MAX_TITLE)
        if len(self.questions) > _MAX_COMMANDS:
            raise ValueError(f"Teams shows at most {_MAX_COMMANDS} questions.")
        if not _COLOR.fullmatch(self.accent):
            raise ValueError(f"The accent colour must be #rrggbb, not {self.accent!r}.")


def build_package(app: TeamsApp, out: Path) -> Path:
    """Write the zip; the same app gives the same bytes."""
    files = {
        "manifest.json": _json(_manifest(app)),
        "zh-cn.json": _json(_chinese(app)),
        "color.png": color_icon(app.accent),
        "outline.png": outline_icon(),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(_entry(name), content)
    return out


def _manifest(app: TeamsApp) -> dict[str, Any]:
    bot: dict[str, Any] = {
        "botId": app.app_id,
        "scopes": SCOPES,
        "isNotificationOnly": False,
        "supportsFiles": False,
    }
    if app.questions:
        commands = [{"title": question["en"]} for question in app.questions]
        bot["commandLists"] = [{"scopes": SCOPES, "commands": commands}]
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": MANIFEST_VERSION,
        "version": app.version,
        "id": app.app_id,
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [{"languageTag": "zh-cn", "file": "zh-cn.json"}],
        },
        "developer": {
            "name": app.developer,
            "websiteUrl": app.url,
            "privacyUrl": app.privacy_url or app.url,
            "termsOfUseUrl": app.terms_url or app.url,
        },
        "name": {"short": app.name["en"], "full": app.name["en"]},
        "description": {"short": _SHORT["en"], "full": _FULL["en"]},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": app.accent,
        "bots": [bot],
        "defaultInstallScope": "personal",
        "validDomains": [urlsplit(app.url).hostname],
        "webApplicationInfo": {"id": app.app_id, "resource": app.url},
        "authorization": {
            "permissions": {
                "resourceSpecific": [{"name": READ_CHANNELS, "type": "Application"}],
            }
        },
    }


def _chinese(app: TeamsApp) -> dict[str, str]:
    """The manifest's texts by their paths in it."""
    titles = {
        f"bots[0].commandLists[0].commands[{index}].title": question["zh"]
        for index, question in enumerate(app.questions)
    }
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.Localization.schema.json",
        "name.short": app.name["zh"],
        "name.full": app.name["zh"],
        "description.short": _SHORT["zh"],
        "description.full": _FULL["zh"],
        **titles,
    }


def _check_length(what: str, text: str, most: int) -> None:
    if not 0 < len(text) <= most:
        raise ValueError(f"{what} must have 1 to {most} characters: {text!r}.")


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
