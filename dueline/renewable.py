"""Adapters whose login may change while they are in use."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dueline.domain.errors import BackendUnavailable
from dueline.secrets import Login


class Renewable:
    """Stands for the adapter that `make` builds from a URL, with a login that lies in a secret.

    A call that fails is not repeated: its caller knows whether that is safe, and all of them can
    bear a server that does not answer. But the secret is read again, and if it has changed, the
    next call goes through a new adapter. `failed` tells a failure among the answers of adapters
    that do not raise.
    """

    def __init__(
        self,
        make: Callable[[str], Any],
        login: Login,
        *,
        failed: Callable[[Any], bool] = lambda _answer: False,
    ) -> None:
        self._make = make
        self._login = login
        self._failed = failed
        self._turn = threading.Lock()
        self._adapter = make(login.url())

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            try:
                answer = getattr(self._adapter, name)(*arguments, **named)
            except BackendUnavailable:
                self._renew()
                raise
            if self._failed(answer):
                self._renew()
            return answer

        return call

    def _renew(self) -> None:
        with self._turn:
            url = self._login.renewed()
            if url is None:
                return
            old, self._adapter = self._adapter, self._make(url)
        with suppress(BackendUnavailable):
            old.close()
