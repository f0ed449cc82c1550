"""The statements by name. Each file's header is its contract.

`claim` is sql/claim.sql of this folder; `key_store/use` is that of another role, whose adapter
runs its statements on the same connection.
"""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def read_sql(name: str) -> str:
    """The text of a statement."""
    role, _, statement = name.rpartition("/")
    return _folder(role).joinpath(f"{statement}.sql").read_text(encoding="utf-8")


def sql_names(role: str = "") -> list[str]:
    """The name of every statement of a role; "" is the task store's own."""
    prefix = f"{role}/" if role else ""
    names = [file.name.removesuffix(".sql") for file in _folder(role).iterdir()]
    return sorted(f"{prefix}{name}" for name in names)


def _folder(role: str) -> Traversable:
    return files(f"dueline.{role}" if role else __package__).joinpath("sql")
