"""Adapters that do not answer for a while."""

from collections.abc import Callable
from typing import Any

from dueline.domain.errors import BackendUnavailable


class Unsteady:
    """Passes calls on to an adapter, except that some methods get no answer a few times.

    `answered` is how many calls of a method are answered before that.
    """

    def __init__(
        self,
        adapter: Any,
        server: str,
        *,
        unanswered: dict[str, int],
        answered: dict[str, int] | None = None,
    ) -> None:
        self._adapter = adapter
        self._server = server
        self._unanswered = unanswered
        self._answered = answered or {}

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            if self._answered.get(method, 0) > 0:
                self._answered[method] -= 1
            elif self._unanswered.get(method, 0) > 0:
                self._unanswered[method] -= 1
                raise BackendUnavailable(self._server, f"no answer to {method}")
            return getattr(self._adapter, method)(*args, **named)

        return call
