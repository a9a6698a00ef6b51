"""The SDK's adapter for conversations of our own, where the log is the delivery."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botbuilder.core import BotAdapter, TurnContext
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount


class LogAdapter(BotAdapter):  # type: ignore[misc]  # the SDK has no types
    """A turn returns what it says and the engine commits it as rows, so nothing is sent here."""

    async def run_turn(
        self, activity: Mapping[str, Any], logic: Callable[[TurnContext], Awaitable[None]]
    ) -> None:
        await self.run_pipeline(TurnContext(self, _sdk_activity(activity)), logic)

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> None:
        raise NotImplementedError("a turn returns its replies; the log delivers them")

    async def update_activity(self, context: TurnContext, activity: Activity) -> None:
        raise NotImplementedError("what was said stays said")

    async def delete_activity(self, context: TurnContext, reference: Any) -> None:
        raise NotImplementedError("what was said stays said")


def _sdk_activity(body: Mapping[str, Any]) -> Activity:
    """As much of the SDK's Activity as its handlers read; the raw JSON stays the truth."""
    return Activity(
        type=body.get("type"),
        name=body.get("name"),
        text=body.get("text"),
        value=body.get("value"),
        channel_id="directline",
        conversation=ConversationAccount(),
        from_property=ChannelAccount(),
        recipient=ChannelAccount(),
    )
