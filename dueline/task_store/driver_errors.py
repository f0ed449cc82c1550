"""What PostgreSQL's error codes (SQLSTATE, its manual's appendix A) mean to the task store."""

from pg8000.native import DatabaseError

from dueline.domain.errors import BackendUnavailable, DuelineError

# Serialization failure, deadlock; and a check: of a row that another changed while we waited for
# it, the checks also see what our change would make of the version before.
_COLLISIONS = frozenset({"40001", "40P01", "23514"})

# Two claims started occurrences of one schedule at once, which may not overlap (decision 0020).
# The one that lost sees the other when it is sent again.
_ONE_RUNNING = ("23505", "tasks_one_running_idx")

_TAKEN = "23505"  # unique violation

# The value itself is at fault: a data exception, or one that is too long or too deeply nested.
_REFUSED_CLASSES = frozenset({"22", "54"})

# Connection, credentials, resources, operator, system; and collisions that would not end.
_UNABLE_CLASSES = frozenset({"08", "28", "40", "53", "57", "58"})
_FIXES = {
    "08P01": "if a pooler is between, add pooled=true to the URL",
    "0A000": "the schema changed under an open connection, the next try opens a new one",
    "25006": "this server takes no writes, point the URL at the primary",
    "26000": "a pooler is between, add pooled=true to the URL",
    "3D000": "create the database",
    "3F000": "apply schema.sql",
    "42501": "grant the right to the user of the URL",
    "42703": "apply schema.sql",
    "42P01": "apply schema.sql",
    "42P05": "a pooler is between, add pooled=true to the URL",
}


class ValueRefused(DuelineError):
    """PostgreSQL cannot store one of the values, such as "\\u0000" in JSON. Nothing was done."""


class Taken(DuelineError):
    """A unique index holds the value already. Nothing was done."""

    def __init__(self, detail: str, index: str) -> None:
        super().__init__(detail)
        self.index = index


def is_collision(error: DatabaseError) -> bool:
    """Whether the statement was undone for the sake of another, and can be sent again."""
    return _sqlstate(error) in _COLLISIONS or _violated(error) == _ONE_RUNNING


def message(error: DatabaseError) -> str:
    """The server's short message, its code and, where there is one, the fix.

    Detail and context are left out: they quote payloads.
    """
    if not (state := _sqlstate(error)):
        return str(error)
    fix = f": {_FIXES[state]}" if state in _FIXES else ""
    return f"{error.args[0]['M']} (SQLSTATE {state}){fix}"


def translated(error: DatabaseError, statement: str) -> DuelineError:
    """The server's refusal of a statement, as the layers above know it."""
    state = _sqlstate(error)
    detail = f"{statement}: {message(error)}"
    if state[:2] in _REFUSED_CLASSES:
        return ValueRefused(detail)
    if state == _TAKEN:
        return Taken(detail, _violated(error)[1])
    if state in _FIXES or state[:2] in _UNABLE_CLASSES:
        return BackendUnavailable("postgres", detail)
    return DuelineError(f"postgres: {detail}")


def _sqlstate(error: DatabaseError) -> str:
    return _violated(error)[0]


def _violated(error: DatabaseError) -> tuple[str, str]:
    """The error's code, and the constraint or index that it names, if any."""
    fields = error.args[0] if error.args else None
    if not isinstance(fields, dict):
        return "", ""
    return str(fields.get("C", "")), str(fields.get("n", ""))
