"""The one error that a tool raises on purpose."""


class ToolError(Exception):
    """A call could not be done; the text is written for the model, which may act on it."""


class CallPending(Exception):
    """The call's result comes from elsewhere, later: the same call, made again, then gives it."""
