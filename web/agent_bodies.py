"""What an agent's actions take, strictly: a field that is not known is refused."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from handoff.desk import MAX_CHARACTERS
from handoff.presence import Availability

Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHARACTERS)
]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
ClientId = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9-]{8,64}$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(Body):
    pass


class Message(Body):
    text: Text
    client: ClientId


class To(Body):
    person: Short


class Back(Body):
    role: Short = ""


class Until(Body):
    until: AwareDatetime


class Priority(Body):
    priority: Annotated[int, Field(strict=True, ge=-1, le=2)]


class Labels(Body):
    labels: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=20)]


class Passed(Body):
    vehicle: Short
    reference: Short = ""
    asked: Text


class Followed(Body):
    escalation: Short
    status: Short
    reference: Short = ""


class Ended(Body):
    disposition: Short


class Proposed(Body):
    question: Text
    answer: Text
    language: Annotated[str, StringConstraints(pattern="^(en|zh)$")]
    client: ClientId


class Again(Body):
    number: Annotated[int, Field(strict=True, ge=1)]


class AtTheDesk(Body):
    availability: Availability
    capacity: Annotated[int, Field(strict=True, ge=1, le=50)]
