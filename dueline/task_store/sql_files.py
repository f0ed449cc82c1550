"""The statements of this folder's sql/, by name. Each file's header is its contract."""

from functools import cache
from importlib.resources import files


@cache
def read_sql(name: str) -> str:
    """The text of sql/<name>.sql."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def sql_names() -> list[str]:
    """The name of every statement."""
    folder = files(__package__).joinpath("sql")
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir())
