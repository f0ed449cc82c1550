"""Pieces of sentences for error details."""

from collections.abc import Iterable

LONGEST_SHOWN = 60


def shown(text: str) -> str:
    """What the caller sent, in quotes, cut short, and safe to encode whatever it holds."""
    short = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return f'"{short}"'.encode("utf-8", "backslashreplace").decode()


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """The rest of a sentence: `; did you mean "email"?`, or `.` where nothing is near."""
    import difflib  # only a refusal needs it, so no cold start pays for it

    nearest = difflib.get_close_matches(wrong[:LONGEST_SHOWN], known, n=1)
    return f'; did you mean "{nearest[0]}"?' if nearest else "."
