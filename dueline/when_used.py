"""Adapters that are made when something is asked of them."""

import threading
from collections.abc import Callable
from typing import Any


class WhenUsed:
    """Stands for the adapter that `make` builds, and builds it at the first use.

    For one whose driver takes long to import and that many invocations never need.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._turn = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        with self._turn:
            if "_adapter" not in self.__dict__:
                self._adapter = self._make()
        return getattr(self._adapter, name)
