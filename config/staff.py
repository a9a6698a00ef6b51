"""What differs between installations: who works there, and what hears of it besides."""

from dataclasses import dataclass

from config import forms
from config.forms import setting


@dataclass(frozen=True, kw_only=True)
class StaffSettings:
    """Accounts, agents in Teams, editors, other systems and mail."""

    local_accounts: bool = setting(
        "LOCAL_ACCOUNTS",
        True,
        forms.yes_or_no,
        "yes or no",
        "Whether people can sign in with a password of ours; no needs OIDC_ISSUER.",
    )
    session_hours: int = setting(
        "SESSION_HOURS",
        12,
        forms.integer,
        "a whole number",
        "After so many hours everybody signs in again.",
    )
    session_idle_minutes: int = setting(
        "SESSION_IDLE_MINUTES",
        120,
        forms.integer,
        "a whole number",
        "Who does nothing for so long is signed out; an open conversation screen counts as use.",
    )
    oidc_issuer: str = setting(
        "OIDC_ISSUER",
        "",
        forms.issuer_url,
        "https://...",
        "The OpenID provider people sign in with; for Entra ID "
        "https://login.microsoftonline.com/TENANT/v2.0.",
    )
    oidc_client_id: str = setting(
        "OIDC_CLIENT_ID", "", forms.text, "an id", "Our id at the OpenID provider."
    )
    oidc_client_secret: str = setting(
        "OIDC_CLIENT_SECRET", "", forms.text, "a secret", "Our secret at the provider.", secret=True
    )
    oidc_roles: tuple[tuple[str, str], ...] = setting(
        "OIDC_ROLES",
        (),
        forms.pairs,
        "Billing.Admin=billing_admin Support.Agent=helpdesk_agent",
        "The provider's app roles (the claim `roles`) and the roles they give here.",
    )
    oidc_name: str = setting(
        "OIDC_NAME",
        "Microsoft",
        forms.text,
        "a name",
        "What the sign-in button calls the provider.",
    )
    desk_teams_channel: str = setting(
        "DESK_TEAMS_CHANNEL",
        "",
        forms.text,
        "a channel's id such as 19:...@thread.tacv2",
        "The agents' channel in Teams; when empty an agent can connect one.",
    )
    desk_teams_service_url: str = setting(
        "DESK_TEAMS_SERVICE_URL",
        "https://smba.trafficmanager.net/teams",
        forms.url,
        "https://...",
        "Where that channel is served until something comes out of it.",
    )
    desk_teams_people: tuple[tuple[str, str], ...] = setting(
        "DESK_TEAMS_PEOPLE",
        (),
        forms.pairs,
        "OBJECT-ID=ADDRESS ...",
        "Which account each agent in Teams has: the user's object id in Entra ID, and the address "
        "the account signs in with or its id.",
    )
    desk_teams_anyone: bool = setting(
        "DESK_TEAMS_ANYONE",
        False,
        forms.yes_or_no,
        "yes or no",
        "Whether everybody in the agents' channel may answer customers, also without an account.",
    )
    review_before_publish: bool = setting(
        "REVIEW_BEFORE_PUBLISH",
        False,
        forms.yes_or_no,
        "yes or no",
        "Whether a second person has to approve what an editor publishes.",
    )
    webhook_urls: tuple[str, ...] = setting(
        "WEBHOOK_URLS",
        (),
        forms.urls,
        "https://...",
        "Systems that are told of every handoff by a signed webhook.",
    )
    webhook_secret: tuple[str, ...] = setting(
        "WEBHOOK_SECRET",
        (),
        forms.secrets,
        "one secret or several, each of at least 32 characters",
        "Signs webhooks in both directions; with it other systems may answer at /hooks. To change "
        "it, name the new one first and the old one behind it.",
        secret=True,
    )
    webhook_allow_private: bool = setting(
        "WEBHOOK_ALLOW_PRIVATE",
        False,
        forms.yes_or_no,
        "yes or no",
        "Whether webhooks may go to private addresses, and without encryption.",
    )
    handoff_hub_url: str = setting(
        "HANDOFF_HUB_URL",
        "",
        forms.url,
        "https://hub.example/v3/directline",
        "A handoff hub's Direct Line, which gets every request for a person with its transcript.",
    )
    handoff_hub_secret: str = setting(
        "HANDOFF_HUB_SECRET",
        "",
        forms.text,
        "a secret",
        "Opens the hub's Direct Line.",
        secret=True,
    )
    smtp_url: str = setting(
        "SMTP_URL",
        "",
        forms.smtp,
        "smtp://user:password@host:587 or smtps://...",
        "The server that sends mail.",
        secret=True,
    )
    mail_from: str = setting(
        "MAIL_FROM",
        "",
        forms.mail,
        "an e-mail address, alone or as Name <address>",
        "Who mail comes from; replies are not read.",
    )
    desk_mail_to: tuple[str, ...] = setting(
        "DESK_MAIL_TO",
        (),
        forms.mails,
        "e-mail addresses",
        "Who gets a mail when somebody waits for a person.",
    )
    writing_model_url: str = setting(
        "WRITING_MODEL_URL",
        "",
        forms.url,
        "http://127.0.0.1:11434/v1",
        "A language model of your own with the OpenAI chat interface, which may propose texts to "
        "editors; it gets entries, never what customers write.",
    )
    writing_model_name: str = setting(
        "WRITING_MODEL_NAME", "default", forms.text, "a name", "Which of its models is asked."
    )
