"""Adapters that do not answer for a while."""

from collections.abc import Callable
from typing import Any

from dueline.domain.errors import BackendUnavailable


class Unsteady:
    """Passes calls on to an adapter, except that some methods get no answer a few times."""

    def __init__(self, adapter: Any, server: str, *, unanswered: dict[str, int]) -> None:
        self._adapter = adapter
        self._server = server
        self._unanswered = unanswered

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            if self._unanswered.get(method, 0) > 0:
                self._unanswered[method] -= 1
                raise BackendUnavailable(self._server, f"no answer to {method}")
            return getattr(self._adapter, method)(*args, **named)

        return call
