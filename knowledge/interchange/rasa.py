"""Rasa: examples of intents, responses, and the rules that say which answers which.

The three may stand in one file or in several. `faq/fees` is answered by `utter_faq/fees`; other
intents by the response that a rule or story gives right after them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from knowledge.interchange.found import Found, Pair, Phrase, Synonyms
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source

ANNOTATED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
EXAMPLE = re.compile(r"\s*-\s?(.*)")
SLOT = re.compile(r"\{\w+\}")


@dataclass(slots=True)
class Rasa:
    """What several files say together."""

    examples: dict[str, list[Phrase]] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    answers: dict[str, Phrase] = field(default_factory=dict)
    follow_ups: dict[str, tuple[Phrase, ...]] = field(default_factory=dict)
    answered_by: dict[str, str] = field(default_factory=dict)

    def read(self, source: Source, found: Found) -> None:
        for path, each in _listed(source, "nlu"):
            self._intent(source, path, each, found)
        responses = source.data.get("responses")
        for name, variants in (responses if isinstance(responses, dict) else {}).items():
            self._response(source, str(name), variants, found)
        for part in ("rules", "stories"):
            for _, each in _listed(source, part):
                self._steps(each.get("steps"))

    def give(self, found: Found) -> None:
        """The pairs; what has no answer or is answered for nobody is said."""
        used: set[str] = set()
        for intent, questions in self.examples.items():
            response = f"utter_{intent}" if "/" in intent else self.answered_by.get(intent, "")
            if not response and f"utter_{intent}" in self.answers:
                response = f"utter_{intent}"
            file, row = self.places[intent]
            if answer := self.answers.get(response):
                used.add(response)
                found.pairs.append(self._pair(intent, questions, answer))
            else:
                found.refuse(file, row, "intent_unanswered", intent=intent)
        for response in self.answers.keys() - used:
            file, row = self.places[f"\0{response}"]
            found.warn(file, row, "response_unused", response=response)

    def _pair(self, intent: str, questions: list[Phrase], answer: Phrase) -> Pair:
        file, row = self.places[intent]
        topic, _, name = intent.rpartition("/")
        return Pair(
            file=file,
            row=row,
            questions=tuple(questions),
            answers=(answer,),
            key=intent,
            follow_ups=tuple(
                each for each in self.follow_ups.get(answer.text, ()) if each.text in self.examples
            ),
            topic=topic,
            source=name,
        )

    def _intent(self, source: Source, path: Keys, told: dict[str, Any], found: Found) -> None:
        line = source.line((*path, "examples"))
        examples = _examples(told.get("examples"), line)
        if name := told.get("synonym"):
            words = (str(name), *(each.text for each in examples))
            found.synonyms.append(Synonyms(source.file, source.line(path), words))
        elif name := told.get("intent"):
            self.examples.setdefault(str(name), []).extend(examples)
            self.places.setdefault(str(name), (source.file, source.line(path)))
        else:
            kind = next(iter(told), "this")
            found.warn(source.file, source.line(path), "rasa_alone", kind=kind)

    def _response(self, source: Source, name: str, told: Any, found: Found) -> None:
        line = source.line(("responses", name))
        texts = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
        texts = [each for each in texts if isinstance(each.get("text"), str)]
        if not texts:
            found.refuse(source.file, line, "response_empty", response=name)
            return
        if len(texts) > 1:
            found.warn(source.file, line, "response_many", response=name, count=len(texts))
        text = str(texts[0]["text"])
        if slot := SLOT.search(text):
            found.warn(source.file, line, "response_slot", response=name, slot=slot.group())
        if image := texts[0].get("image"):
            text = f"{text}\n\n![]({image})"
        self.answers[name] = Phrase(text, line)
        self.places[f"\0{name}"] = (source.file, line)
        self.follow_ups[text] = tuple(_payloads(texts[0].get("buttons"), line))

    def _steps(self, steps: Any) -> None:
        intent = ""
        for step in steps if isinstance(steps, list) else ():
            if not isinstance(step, dict):
                continue
            action = str(step.get("action", ""))
            if action.startswith("utter_") and intent:
                self.answered_by.setdefault(intent, action)
            intent = str(step.get("intent", ""))


def is_rasa(data: object) -> bool:
    return isinstance(data, dict) and not {"nlu", "responses", "rules", "stories"}.isdisjoint(data)


def _listed(source: Source, part: str) -> Iterator[tuple[Keys, dict[str, Any]]]:
    told = source.data.get(part)
    for number, each in enumerate(told if isinstance(told, list) else ()):
        if isinstance(each, dict):
            yield (part, number), each


def _examples(told: Any, line: int) -> list[Phrase]:
    """A text of lines that begin with a dash, or a list of `text:`."""
    if isinstance(told, list):
        texts = [each.get("text") if isinstance(each, dict) else each for each in told]
        return [
            Phrase(ANNOTATED.sub(r"\1", text.strip().removeprefix("- ")), line)
            for text in texts
            if isinstance(text, str) and text.strip()
        ]
    lines = enumerate(told.split("\n") if isinstance(told, str) else (), line)
    matched = ((EXAMPLE.fullmatch(text), number) for number, text in lines)
    return [
        Phrase(ANNOTATED.sub(r"\1", found[1].strip()), number)
        for found, number in matched
        if found and found[1].strip()
    ]


def _payloads(buttons: Any, line: int) -> Iterator[Phrase]:
    for button in buttons if isinstance(buttons, list) else ():
        payload = str(button.get("payload", "")) if isinstance(button, dict) else ""
        if payload.startswith("/"):
            label = str(button.get("title", ""))
            yield Phrase(payload[1:].partition("{")[0], line, label=label)
