"""What `check` and publishing say, in English by code; `editor.problem.CODE` has the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SENTENCES = {
    "no_entry": "{field}: there is no entry {entry}",
    "message_missing": "the message {name} is missing; add it",
    "question_twice": '{kind} "{question}" stands twice; keep one',
    "question_elsewhere": '{kind} "{question}" is also one of {other}{place}; keep it in one entry',
    "role_unknown": "{field} {role} is no role; use one of {roles}",
    "adds_nothing": "follow_ups: {entry} adds nothing; choose another",
    "review_passed": "review_by {day} has passed; read the answer again, set a new date",
    "no_answer": "no answer in {language}; customers get another language",
    "no_questions": "no questions in {language}; customers get another language",
    "few_questions": "{count} questions in {language}; write {fewest} or more",
    "golden_copied": 'golden question "{question}" is one of {other}{place}; ask in other words',
    "golden_learned": 'golden question "{question}" is also an example of what is out of scope; '
    "ask in other words",
    "golden_no_entry": 'golden question "{question}" expects {entry}, which is no entry; '
    "name another or remove the question",
    "golden_fails": 'golden question "{question}" fails',
    "clashes": "{field} was changed by somebody else and published; open the draft and choose",
    "clashes_whole": "somebody else published a change of it meanwhile; open the draft and choose",
    "few_golden": "entries with fewer than {fewest} golden questions in {language}: {count} "
    "({entries}); add some",
    "few_outside": "{count} golden questions expect nothing; {fewest} or more would show that "
    "what is out of scope stays unanswered",
    "fault": "{fault.message}",
    "many_words": "{count} words; shorten it to {most}",
    "many_characters": "{count} Chinese characters; shorten it to {most}",
    "html": "HTML is not shown; write Markdown",
    "link": "the link {target} must start with https:, mailto: or tel:",
}
WARNINGS = {
    "golden_copied",
    "golden_learned",
    *("question_twice", "review_passed", "no_answer", "no_questions", "few_questions"),
    *("golden_no_entry", "few_golden", "few_outside"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """Which sentence, and what it tells."""

    code: str
    values: Mapping[str, Any]

    @property
    def message(self) -> str:
        return SENTENCES[self.code].format_map(self.values)
