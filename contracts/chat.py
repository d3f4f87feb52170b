"""Messages, and what travels over chat-api's WebSocket."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp


class ToolCall(Answer):
    """A model's wish to call a tool; `arguments` is the parsed JSON object."""

    id: str
    name: str
    arguments: dict[str, Any] = {}


class Message(OpenRequest):
    """One message of a conversation; content parts pass through as they came."""

    role: Literal["system", "user", "assistant", "tool"]
    content: Text | list[JsonObject] | None = None
    tool_calls: list[ToolCall] = []
    tool_call_id: str | None = None
    name: str | None = None

    def text(self) -> str:
        """The message's text; the text parts joined if it comes in parts."""
        if self.content is None:
            return ""
        if isinstance(self.content, str):
            return self.content
        return "".join(str(part.get("text", "")) for part in self.content)


class ChatRequest(OpenRequest):
    """`new_session_id` is opened if there is no such session yet; `session_id` must be known."""

    messages: list[Message] = Field(min_length=1)
    model: Text | None = None
    session_id: UUID | None = None
    new_session_id: UUID | None = None
    metadata: JsonObject = {}


class ChatSession(Answer):
    id: UUID
    agent_id: UUID | None
    title: str
    created_at: Timestamp
    last_active: Timestamp
    message_count: int = 0


class ChatMessage(Answer):
    """A stored message; `last_event_id` is where its turn's events end."""

    id: UUID
    task_id: UUID | None = None
    role: Literal["user", "assistant"]
    content: str
    tool_calls: list[dict[str, Any]] = []
    created_at: Timestamp
    last_event_id: int | None = None


class ChatSessionDetail(ChatSession):
    """A session with its messages, oldest first, and the turn that runs now, if any."""

    messages: list[ChatMessage]
    running_task_id: UUID | None = None
    last_event_id: int = 0


class SocketAuth(OpenRequest):
    type: Literal["auth"]
    token: str


class SocketUser(OpenRequest):
    type: Literal["user"]
    content: Text
    session_id: UUID | None = None
    client_msg_id: Text | None = None


class SocketResume(OpenRequest):
    type: Literal["resume"]
    session_id: UUID
    after: int = Field(ge=0)


class SocketCancel(OpenRequest):
    type: Literal["cancel"]


class SocketPing(OpenRequest):
    type: Literal["ping"]


SocketMessage = Annotated[
    SocketAuth | SocketUser | SocketResume | SocketCancel | SocketPing,
    Field(discriminator="type"),
]
