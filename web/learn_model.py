"""A language model on the operator's own machine, asked over the OpenAI chat interface. It gets an
entry's questions and answer, never what a customer wrote, and what it says is only ever shown to an
editor."""

import json
import re
from collections.abc import Mapping
from typing import Any

import structlog
from aiohttp import ClientError, ClientTimeout

from bot.http import Http
from knowledge.entry import Entry
from knowledge.suggestions import ModelError, Proposed

TIMEOUT = ClientTimeout(total=60, connect=5)
MOST_QUESTIONS = 10
LONGEST_QUESTION = 200
LONGEST_ANSWER = 4000
OBJECT = re.compile(r"\{.*\}", re.DOTALL)
NAMES = {"en": "English", "zh": "Simplified Chinese"}
ASKED = (
    "You help the editor of a billing help desk. Below is an entry of its knowledge base. Write"
    ' in {language}. Reply with one JSON object and nothing else: {{"questions": [up to 8 short'
    ' ways in which customers would ask for this, none of those below], "answer": "the answer in'
    ' {language}, plain Markdown, with no fact that is not below"}}.'
)

logger = structlog.get_logger()


class ChatModel:
    def __init__(self, url: str, name: str) -> None:
        """`url` is the interface's root, such as http://127.0.0.1:11434/v1."""
        self._url = f"{url}/chat/completions"
        self._name = name
        self._http = Http(TIMEOUT)

    async def propose(self, entry: Entry, language: str) -> Proposed:
        body = {
            "model": self._name,
            "messages": [
                {"role": "system", "content": ASKED.format(language=NAMES.get(language, language))},
                {"role": "user", "content": _told(entry)},
            ],
            "temperature": 0.4,
        }
        try:
            answer = await self._http.call(
                "POST",
                self._url,
                headers={"Content-Type": "application/json"},
                data=json.dumps(body).encode(),
            )
            if answer.status != 200:
                raise ModelError(f"HTTP {answer.status}")
            return _proposed(answer.json())
        except (ClientError, TimeoutError, ValueError) as error:
            logger.warning("writing_model_failed", error=type(error).__name__)
            raise ModelError(type(error).__name__) from error

    async def close(self) -> None:
        await self._http.close()


def _told(entry: Entry) -> str:
    """With the templates as they stand: values of the policy are not the model's to know."""
    parts = {"questions": dict(entry.questions), "answer": dict(entry.answer)}
    return json.dumps(parts, ensure_ascii=False)


def _proposed(answer: Mapping[str, Any]) -> Proposed:
    """Raises ModelError for what is not the object that was asked for."""
    try:
        text = answer["choices"][0]["message"]["content"]
        found = json.loads(OBJECT.search(text).group())  # type: ignore[union-attr]
        questions = [" ".join(each.split()) for each in found.get("questions", ())]
        written = str(found.get("answer") or "").strip()
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise ModelError("no JSON") from error
    short = [each for each in questions if each and len(each) <= LONGEST_QUESTION]
    if not short and not written:
        raise ModelError("nothing")
    return Proposed(tuple(short[:MOST_QUESTIONS]), written[:LONGEST_ANSWER])
