"""Errors, by who has to act."""


class DuelineError(Exception):
    """Base of every error that dueline raises on purpose."""


class InvalidRequest(DuelineError):
    """The caller's request can never be accepted as it is: HTTP 4xx, nothing stored, no retry.

    `pointer` is the JSON pointer (RFC 6901) of the value at fault, "" for the whole body.
    """

    def __init__(
        self, detail: str, *, code: str, pointer: str = "", http_status: int = 422
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.pointer = pointer
        self.http_status = http_status


class DedupeKeyTaken(DuelineError):
    """Another unfinished task of the tenant has the same dedupe key. Nothing was done."""


class RequestInFlight(DuelineError):
    """Another request with the same idempotency key is at work. Nothing was done by this one."""


class BadMessage(DuelineError):
    """A queue message that is not ours to read. It is kept as poison and acked, never looped."""


class BackendUnavailable(DuelineError):
    """A server did not answer. Safe to retry; what was asked may or may not have happened.

    `backend` is "postgres", "redis" or "rabbitmq". The driver's error is in __cause__.
    """

    def __init__(self, backend: str, detail: str) -> None:
        super().__init__(f"{backend}: {detail}")
        self.backend = backend


class BufferLost(DuelineError):
    """The due buffer of a lane has no watermark: it was flushed or is new. Refill rebuilds it."""


class BadSetting(DuelineError):
    """A setting has a value that cannot be used. The operator corrects the environment."""

    def __init__(self, name: str, value: str, want: str) -> None:
        super().__init__(f"{name}={value!r}: want {want}")


class ForbiddenMove(DuelineError):
    """A task was to move between two statuses that the state machine does not join. A bug."""
