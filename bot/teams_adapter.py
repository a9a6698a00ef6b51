"""The SDK's side of Teams: its turns, with our authentication and our connector inside."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botbuilder.core import TurnContext
from botbuilder.core.cloud_adapter_base import CloudAdapterBase
from botbuilder.schema import (
    Activity,
    ChannelAccount,
    ConversationAccount,
    ConversationParameters,
    ConversationResourceResponse,
    ResourceResponse,
)
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
)
from botframework.connector.auth.connector_factory import ConnectorFactory

from bot.authentication import Gate, Refused
from bot.connector import Connector


class TeamsAdapter(CloudAdapterBase):  # type: ignore[misc]  # the SDK has no types
    """CloudAdapterBase without what makes the stock adapter slow: no client and no connection
    per turn, no token client, no synchronous fetch of keys or tokens."""

    def __init__(self, gate: Gate, connector: Connector, app_id: str) -> None:
        authentication = _SdkAuthentication(gate, connector)
        super().__init__(authentication)
        self._accepted = authentication.accepted(self.create_claims_identity(app_id))

    async def run_turn(
        self, activity: Mapping[str, Any], logic: Callable[[TurnContext], Awaitable[None]]
    ) -> None:
        """Run logic for an activity that was authenticated when it was received."""
        await self.process_activity(self._accepted, _sdk_activity(activity), logic)


class _SdkAuthentication(BotFrameworkAuthentication):  # type: ignore[misc]
    def __init__(self, gate: Gate, connector: Connector) -> None:
        self._gate = gate
        self._factory = _Factory(connector)

    async def authenticate_request(
        self, activity: Activity, auth_header: str
    ) -> AuthenticateRequestResult:
        try:
            caller = await self._gate.verify(auth_header)
            self._gate.admit(caller, to_json(activity))
        except Refused as refusal:
            raise PermissionError("the request was refused") from refusal
        return self.accepted(ClaimsIdentity(dict(caller.claims), is_authenticated=True))

    async def authenticate_streaming_request(
        self, auth_header: str, channel_id_header: str
    ) -> AuthenticateRequestResult:
        raise PermissionError("streaming is not offered")

    def accepted(self, identity: ClaimsIdentity) -> AuthenticateRequestResult:
        result = AuthenticateRequestResult()
        result.claims_identity = identity
        result.connector_factory = self._factory
        return result

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        return self._factory

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Nobody signs in through the bot, so there is none."""


class _Factory(ConnectorFactory):  # type: ignore[misc]
    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def create(self, service_url: str, audience: str) -> "_Client":
        return _Client(_Conversations(self._connector, service_url))


class _Client:
    def __init__(self, conversations: "_Conversations") -> None:
        self.conversations = conversations


class _Conversations:
    """The five calls CloudAdapterBase makes of the SDK's ConnectorClient."""

    def __init__(self, connector: Connector, service_url: str) -> None:
        self._connector = connector
        self._service_url = service_url

    async def send_to_conversation(
        self, conversation_id: str, activity: Activity
    ) -> ResourceResponse:
        body = to_json(activity) | {"conversation": {"id": conversation_id}}
        return ResourceResponse(id=await self._connector.send(self._service_url, body))

    async def reply_to_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        return await self.send_to_conversation(conversation_id, activity)

    async def update_activity(
        self, conversation_id: str, activity_id: str, activity: Activity
    ) -> ResourceResponse:
        body = to_json(activity) | {"conversation": {"id": conversation_id}, "id": activity_id}
        return ResourceResponse(id=await self._connector.update(self._service_url, body))

    async def delete_activity(self, conversation_id: str, activity_id: str) -> None:
        await self._connector.delete(self._service_url, conversation_id, activity_id)

    async def create_conversation(
        self, parameters: ConversationParameters
    ) -> ConversationResourceResponse:
        body = parameters.serialize()
        created = await self._connector.create_conversation(self._service_url, body)
        return ConversationResourceResponse(
            id=created.get("id"), activity_id=created.get("activityId")
        )


def to_json(activity: Activity) -> dict[str, Any]:
    """The activity as it goes over the wire, with what serialize() drops from its entities."""
    body: dict[str, Any] = activity.serialize()
    for entity, kept in zip(activity.entities or [], body.get("entities", []), strict=False):
        kept.update(entity.additional_properties)
    return body


def _sdk_activity(body: Mapping[str, Any]) -> Activity:
    """The SDK takes 0.4 ms to read a whole activity; of a message, only this much is read."""
    if body["type"] != "message":
        return Activity.deserialize(body)
    return Activity(
        type="message",
        id=body["id"],
        text=body.get("text"),
        value=body.get("value"),
        locale=body.get("locale"),
        channel_id=body["channelId"],
        channel_data=body.get("channelData"),
        service_url=body["serviceUrl"],
        conversation=ConversationAccount(id=body["conversation"]["id"]),
        from_property=_account(body["from"]),
        recipient=_account(body.get("recipient") or {}),
    )


def _account(body: Mapping[str, Any]) -> ChannelAccount:
    return ChannelAccount(id=body.get("id"), name=body.get("name"))
