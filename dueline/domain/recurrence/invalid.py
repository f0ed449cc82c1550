"""The one error of this package."""

from dueline.domain.errors import InvalidRequest


class InvalidRecurrence(InvalidRequest):
    """A rule that can never be accepted as it is. The message says what to write instead.

    `field` is the key of the rule that is wrong (`cron`, `timezone`, ...), `value` what it held.
    """

    def __init__(self, field: str, value: object, message: str) -> None:
        super().__init__(
            f"{field}: {message}", code="INVALID_RECURRENCE", pointer=f"/{field}", http_status=422
        )
        self.field = field
        self.value = value
        self.message = message
