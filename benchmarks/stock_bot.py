"""The stock bot to compare with: the SDK's own CloudAdapter, echoing, with real token checks.

It needs a package this project does not use, so it runs in an environment of its own, which
`environment()` makes once (from the package index, half a minute) and keeps under data/:

    data/benchmarks/stock/bin/python benchmarks/stock_bot.py --port 3979 --app-id ID --metadata URL

The outgoing token is left out, in the stock bot's favour: with it, the SDK would make one more
request to the login service on every turn.
"""

import argparse
import subprocess
import venv
from pathlib import Path
from typing import Any

PACKAGE = "botbuilder-integration-aiohttp==4.17.1"
FOLDER = Path("data/benchmarks/stock")


def environment(folder: Path = FOLDER) -> Path:
    """The Python that can run this file; made at the first call."""
    python = folder / "bin" / "python"
    installed = folder / "installed"
    if not installed.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
        installed.write_text(PACKAGE)
    return python


def application(app_id: str, metadata_url: str) -> Any:
    from aiohttp import web
    from botbuilder.core import ActivityHandler, TurnContext
    from botbuilder.integration.aiohttp import (
        CloudAdapter,
        ConfigurationBotFrameworkAuthentication,
    )
    from botframework.connector.auth import (
        ChannelValidation,
        MicrosoftAppCredentials,
        PasswordServiceClientCredentialFactory,
    )

    class NoOutgoingToken(PasswordServiceClientCredentialFactory):  # type: ignore[misc]
        async def create_credentials(self, *args: Any, **more: Any) -> Any:
            return MicrosoftAppCredentials.empty()

    class Echo(ActivityHandler):  # type: ignore[misc]
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(f"You said {turn_context.activity.text}")

    class Configuration:
        APP_ID = app_id
        APP_PASSWORD = "none"

    ChannelValidation.open_id_metadata_endpoint = metadata_url
    credentials = NoOutgoingToken(app_id, "none")
    adapter = CloudAdapter(
        ConfigurationBotFrameworkAuthentication(Configuration(), credentials_factory=credentials)
    )
    bot = Echo()

    async def messages(request: web.Request) -> web.Response:
        answer: web.Response = await adapter.process(request, bot)
        return answer

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    return app


def main() -> None:
    from aiohttp import web

    parser = argparse.ArgumentParser(description="The SDK's echo bot.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--app-id", required=True)
    parser.add_argument("--metadata", required=True)
    given = parser.parse_args()
    app = application(given.app_id, given.metadata)
    web.run_app(app, host="127.0.0.1", port=given.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
