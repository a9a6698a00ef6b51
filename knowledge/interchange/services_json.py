"""QnA Maker and Custom Question Answering: the JSON of their downloads."""

from collections.abc import Iterable
from typing import Any

from knowledge.interchange.found import Found, Pair, Phrase, Synonyms, unreadable
from knowledge.interchange.services import (
    CellError,
    count_of,
    get,
    made,
    metadata_of,
    prompts_of,
    warn_of_context,
    warn_of_nesting,
)


def read_services_json(name: str, told: Any, found: Found) -> None:
    """QnA Maker's download and Custom Question Answering's list; a bare list of pairs, too."""
    listed = {key: told[key] for key in ("qnaDocuments", "value", "qnaList") if _is_list(told, key)}
    where, documents = next(iter(listed.items()), ("", told))
    if not isinstance(documents, list):
        if isinstance(told, dict) and any(isinstance(each, list) for each in told.values()):
            documents = []  # a knowledge base without pairs
        else:
            raise unreadable(name, 1, "other_json")
    file = f"{name}, {where}" if where else name
    for number, document in enumerate(documents, 1):
        if isinstance(words := get(document, "alterations"), list):
            found.synonyms.append(Synonyms(file, number, tuple(map(str, words))))
        elif pair := _document(file, number, document, found):
            found.pairs.append(pair)
    for group in (get(told, "wordalterations") or []) if isinstance(told, dict) else []:
        words = tuple(map(str, get(group, "alterations") or []))
        found.synonyms.append(Synonyms(file, 1, words))


def _is_list(told: Any, key: str) -> bool:
    return isinstance(told, dict) and isinstance(told.get(key), list)


def _document(file: str, number: int, document: Any, found: Found) -> Pair | None:
    questions, answer = get(document, "questions"), get(document, "answer")
    if not isinstance(questions, list) or not all(isinstance(each, str) for each in questions):
        found.refuse(file, number, "no_questions_list")
        return None
    if not isinstance(answer, str) or not answer.strip() or not "".join(questions).strip():
        what = "answer" if "".join(questions).strip() else "questions"
        found.refuse(file, number, "cell_empty", column=what)
        return None
    context = get(document, "dialog") or get(document, "context") or {}
    column = "metadata"
    try:
        metadata = metadata_of(get(document, column) or {})
        column = "prompts"
        prompts = prompts_of(get(context, column) or [], number)
    except CellError as error:
        found.refuse(file, number, error.code, column=column, **error.values)
        return None
    alternates = _clusters(get(document, "activelearningsuggestions"))
    if get(context, "iscontextonly") is True:
        warn_of_context(file, number, found)
    if prompts.nested:
        warn_of_nesting(file, number, found)
    told = get(document, "id")
    return made(
        Pair(
            file=file,
            row=number,
            questions=tuple(Phrase(each, number) for each in questions if each.strip()),
            answers=(Phrase(answer, number),),
            key=str(told) if isinstance(told, int | str) else "",
            follow_ups=prompts.keys,
            source=str(get(document, "source") or ""),
            alternates=alternates,
        ),
        metadata,
    )


def _clusters(told: Any) -> tuple[tuple[str, int], ...]:
    clusters: Iterable[Any] = told if isinstance(told, list) else []
    suggested = (get(each, "suggestedquestions") or [] for each in clusters)
    return tuple(
        (question, count_of(each, "autosuggestedcount") + count_of(each, "usersuggestedcount"))
        for cluster in suggested
        if isinstance(cluster, list)
        for each in cluster
        if isinstance(question := get(each, "question"), str) and question.strip()
    )
