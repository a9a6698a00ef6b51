"""What agents read in Teams and in their mail, in the partner's first language."""

from collections.abc import Mapping

from handoff.models import AlreadyClaimed, DeskError, NotFound, NotOpen, NotYours
from knowledge.policy import SupportPolicy

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("{name} asks for a person", "{name} 请求人工服务"),
    "somebody": ("A customer", "客户"),
    "waiting": ("Waiting", "等待中"),
    "active": ("Taken by {agent}", "由 {agent} 处理"),
    "resolved": ("Resolved by {agent}: {disposition}", "{agent} 已解决：{disposition}"),
    "to_bot": ("Given back to the assistant by {agent}", "{agent} 已交还给助手"),
    "ended": ("The customer ended the conversation", "客户已结束对话"),
    "abandoned": ("The customer stopped waiting", "客户已停止等待"),
    "expired": ("Expired: nobody took it", "已过期：无人处理"),
    "snoozed": ("Snoozed until {time}", "已推迟至 {time}"),
    "question": ("Question", "问题"),
    "reason": ("Why", "原因"),
    "queue": ("Place in the queue", "排队位置"),
    "place_at": ("{place} (at {time})", "第 {place} 位（{time}）"),
    "asked_at": ("Asked", "请求时间"),
    "where": ("Where", "渠道"),
    "web": ("on the web", "网页"),
    "msteams": ("in Teams", "Teams"),
    "language": ("Language", "语言"),
    "en": ("English", "英文"),
    "zh": ("Chinese", "中文"),
    "contact": ("Reply to", "回复至"),
    "team": ("For", "负责"),
    "everybody": ("everybody", "所有人"),
    "priority": ("Priority", "优先级"),
    "low": ("low", "低"),
    "normal": ("normal", "普通"),
    "high": ("high", "高"),
    "urgent": ("urgent", "紧急"),
    "lines_left_out": ("… {count} more …", "……另有 {count} 条……"),
    "customer": ("Customer", "客户"),
    "bot": ("Assistant", "助手"),
    "agent": ("Agent", "同事"),
    "system": ("Assistant", "助手"),
    "claim": ("Take it", "接手"),
    "open": ("Open in console", "在控制台打开"),
    "resolve": ("Resolve …", "解决……"),
    "how_it_ended": ("How did it end?", "结果如何？"),
    "done": ("Resolve", "解决"),
    "give_back": ("Give back", "放回队列"),
    "asked": ("asked for a person", "要求人工"),
    "no_match": ("the assistant had no answer", "助手没有答案"),
    "ambiguous": ("the assistant could not tell what was meant", "助手无法判断意图"),
    "repeated": ("asked the same again", "重复提问"),
    "negative_rating": ("the answer did not help", "答案没有帮助"),
    "needs_account": ("somebody has to look at the account", "需要查看账户"),
    "rule": ("by rule", "按规则"),
    "error": ("the assistant failed", "助手出现故障"),
    "answered": ("answered", "已答复"),
    "refunded": ("refunded", "已退款"),
    "changed": ("changed", "已更改"),
    "escalated": ("escalated", "已升级"),
    "no_reply": ("no reply", "客户未回复"),
    "not_ours": ("not ours", "不属于我们"),
    "other": ("other", "其他"),
    "messageUpdate": (
        "{name} changed an earlier message to: {text}",
        "{name} 将之前的一条消息改为：{text}",
    ),
    "messageDelete": ("{name} withdrew an earlier message.", "{name} 撤回了之前的一条消息。"),
    "said_in_console": ("{name} (console): {text}", "{name}（控制台）：{text}"),
    "note_in_console": ("Note by {name}: {text}", "{name} 的备注：{text}"),
    "still_waiting": (
        "Nobody has taken this yet: {minutes} minutes of opening hours.",
        "仍无人接手：已等待 {minutes} 分钟（服务时间内）。",
    ),
    "for_everybody": (
        "Still nobody: from now on everybody sees it.",
        "仍无人接手：现在起所有人可见。",
    ),
    "waits_again": ("Nobody has it now: it waits to be taken.", "目前无人处理，等待接手。"),
    "reopened": ("The customer is back with something to add.", "客户回来补充内容。"),
    "note_of_other": (
        "Kept as a note: only {agent} writes to the customer here. "
        "Whatever else you write here is a note too.",
        "已存为备注：此处只有 {agent} 的消息会发给客户；您之后在此写的内容也会存为备注。",
    ),
    "note_unclaimed": (
        "Kept as a note, the customer does not see it: take the request first. "
        "Until then whatever you write here is a note.",
        "已存为备注，客户看不到：请先接手。在此之前您写的内容都会存为备注。",
    ),
    "note_closed": (
        "This conversation is closed: kept as a note, the customer does not see it.",
        "对话已结束：已存为备注，客户看不到。",
    ),
    "not_an_agent": (
        "You are not known as an agent here, so nobody was told. An administrator can link you.",
        "系统未识别您为客服人员，消息未转达。请联系管理员关联您的账户。",
    ),
    "only_text": (
        "Only text is passed on; this was not sent to the customer.",
        "只能转达文字，此消息未发给客户。",
    ),
    "corrected_teams": ("The customer's copy was changed.", "客户看到的消息已更改。"),
    "corrected_web": (
        "The customer has read your first message on the web and now gets a correction below it.",
        "客户在网页上已看到原消息，现已在其下方发送更正。",
    ),
    "withdrawn_teams": ("The customer's copy was deleted.", "客户看到的消息已删除。"),
    "withdrawn_web": (
        "The customer has read it on the web; a line below it now says that it was withdrawn.",
        "客户在网页上已看到原消息，现已在其下方说明该消息已撤回。",
    ),
    "connected": (
        "Requests for a person now come into this channel.",
        "人工服务请求现在会发到本频道。",
    ),
    "connect_refused": (
        "Only an agent whose account is linked can connect a channel.",
        "只有已关联账户的客服人员可以连接频道。",
    ),
    "connect_fixed": (
        "Another channel is set by DESK_TEAMS_CHANNEL; change it there.",
        "频道由 DESK_TEAMS_CHANNEL 指定，请在设置中更改。",
    ),
    "desk_help": (
        "Requests for a person appear here. Take one, and reply in its thread to write to the "
        "customer.",
        "人工服务请求会显示在这里。接手后在对应主题中回复即可与客户对话。",
    ),
    "already_claimed": ("{by} has taken this conversation.", "{by} 已接手此对话。"),
    "not_yours": ("{by} has this conversation.", "此对话由 {by} 处理。"),
    "take_first": ("Take the conversation first.", "请先接手此对话。"),
    "not_open": ("This conversation is closed.", "此对话已结束。"),
    "not_found": ("There is no such conversation.", "没有此对话。"),
}


def first_language(policy: SupportPolicy) -> str:
    return policy.partner.languages[0]


def say(word: str, language: str, /, **values: object) -> str:
    return WORDS[word][language == "zh"].format(**values)


def say_error(error: DeskError, language: str) -> str:
    match error:
        case AlreadyClaimed():
            return say("already_claimed", language, by=error.by)
        case NotYours():
            return say("not_yours" if error.by else "take_first", language, by=error.by)
        case NotOpen():
            return say("not_open", language)
        case NotFound():
            return say("not_found", language)
    return str(error)
