"""A bad setting stops the start with one sentence that says what to write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import ConfigError, load_settings

SECRET = "x" * 32


def test_it_needs_no_settings_to_try_it_on_this_machine() -> None:
    settings = load_settings({}, dev=True)
    assert settings.base_url == "http://localhost:3978"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PORT": "many"}, "PORT must be a whole number, not 'many'."),
        ({"MAX_WRONG_ANSWERS": "2"}, "MAX_WRONG_ANSWERS must be a number between 0 and 1"),
        ({"MAX_TURNED_AWAY": "3 %"}, "MAX_TURNED_AWAY must be a number between 0 and 1, not '3 %'"),
        ({"PUBLIC_URL": "billing.example"}, "PUBLIC_URL must be https://..."),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be DEBUG, INFO"),
        ({"TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES must be addresses or networks"),
        ({"DIRECT_LINE_SECRET": "short"}, "DIRECT_LINE_SECRET must be one secret or several"),
        ({"MicrosoftAppId": "a"}, "MicrosoftAppPassword is needed too"),
        ({"MicrosoftAppType": "UserAssignedMSI"}, "MicrosoftAppType must be MultiTenant or"),
        ({"MicrosoftAppType": "SingleTenant"}, "MicrosoftAppTenantId is needed too"),
        ({"MicrosoftAppPassword_FILE": "/nowhere"}, "MicrosoftAppPassword_FILE: /nowhere"),
        ({"HOST": "0.0.0.0"}, "--dev leaves /api/messages open"),
    ],
)
def test_a_bad_setting_is_named(given: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(given, dev=True)
    assert said in str(refused.value)


def test_a_secret_is_never_shown() -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings({"DIRECT_LINE_SECRET": "hunter2"}, dev=True)
    assert "hunter2" not in str(refused.value)
    settings = load_settings({"DIRECT_LINE_SECRET": SECRET}, dev=True)
    assert SECRET not in repr(settings)


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    settings = load_settings({"DIRECT_LINE_SECRET_FILE": str(file)}, dev=True)
    assert settings.direct_line_secrets == (SECRET,)


def test_the_file_named_env_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("# ours\nPORT='4000'\n\nnonsense\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORT", raising=False)
    assert load_settings(dev=True).port == 4000


def test_without_an_app_id_it_refuses_to_start() -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("Microsoft")}
    started = subprocess.run(
        [sys.executable, "app.py", "serve"],
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 78
    assert started.stderr.strip().startswith("MicrosoftAppId is missing")
    assert "Traceback" not in started.stderr
