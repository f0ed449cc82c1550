"""What a call of the client may raise beside ValueError for arguments."""

from collections.abc import Sequence

from dueline.domain.errors import DuelineError
from dueline.http_api.bodies import Fault


class ApiError(DuelineError):
    """The API answered with an error. Decide by `code`; docs/errors.md lists them.

    `code` is "" where the answer is not dueline's (a gateway's, a proxy's). `retry_after` is in
    seconds, 0.0 where the answer names none. `body` is the answer as it came.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Fault] = (),
        retryable: bool = False,
        request_id: str | None = None,
        retry_after: float = 0.0,
        body: bytes = b"",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.retryable = retryable
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) of the first value at fault; "": the whole body, or none."""
        return self.errors[0].pointer if self.errors else ""


class Unreachable(DuelineError):
    """The API did not answer, or its answer could not be read.

    What was asked may or may not have happened: repeat it with the same idempotency key.
    """


class StillWaiting(DuelineError):
    """The time given to wait() is over, and the task is not final."""
