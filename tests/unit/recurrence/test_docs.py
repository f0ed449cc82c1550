"""docs/recurrence.md says what the package does."""

import doctest
import re
from pathlib import Path

import pytest

from dueline.domain.recurrence import InvalidRecurrence, describe
from tests.unit.recurrence.rules import rule

PAGE = Path(__file__).resolve().parents[3] / "docs" / "recurrence.md"


def rows_under(heading: str) -> list[tuple[str, str]]:
    """The rows of a section's table that begin with `code`: the code and the second column."""
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(.+?)` \| (.+?) \|$", section, re.MULTILINE)


def test_the_examples_of_the_page_give_what_it_shows() -> None:
    failed, run = doctest.testfile(str(PAGE), module_relative=False)

    assert failed == 0
    assert run > 10


@pytest.mark.parametrize(("expression", "meaning"), rows_under("cron"))
def test_an_expression_of_the_page_means_what_it_says(expression: str, meaning: str) -> None:
    assert describe(rule(expression)) == f"{meaning}, UTC time."


@pytest.mark.parametrize(("expression", "answer"), rows_under("What is refused"))
def test_an_expression_that_the_page_refuses_is_refused(expression: str, answer: str) -> None:
    with pytest.raises(InvalidRecurrence, match=re.escape(answer)):
        rule(expression)
