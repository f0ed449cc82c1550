"""Tasks through the whole: HTTP, tick, the work queue, execute, and back."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern_policy
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from local.harness import Harness
from tests.end_to_end.conftest import Api
from tests.eventually import eventually

pytestmark = pytest.mark.harness
FINAL = {"completed", "failed", "cancelled", "skipped"}


def ended(api: Api, body: dict[str, object]) -> dict[str, object]:
    """Schedule a task and return it once it is final."""
    task_id = api.post("/schedule", body)["task_id"]
    eventually(lambda: api.task(task_id)["status"] in FINAL, within=timedelta(seconds=20))
    return api.task(task_id)


def test_a_task_without_a_time_runs_at_once(api: Api) -> None:
    task = ended(api, {"type": "echo", "payload": {"said": ["ä", 1, None]}})

    assert task["status"] == "completed"
    assert task["result"] == {"said": ["ä", 1, None]}


def test_a_time_in_the_past_runs_at_once(api: Api) -> None:
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    task = ended(api, {"type": "echo", "execute_at": past})

    assert task["status"] == "completed"


@pytest.mark.parametrize("delay", [1, "PT1S"])
def test_a_delay_is_counted_from_the_request(api: Api, delay: object) -> None:
    task = ended(api, {"type": "echo", "delay": delay})

    created = datetime.fromisoformat(str(task["created_at"]))
    started = datetime.fromisoformat(str(task["started_at"]))
    assert started - created >= timedelta(seconds=1)


def test_a_mail_arrives_in_the_mailbox(api: Api, run: Harness, tmp_path: Path) -> None:
    task = ended(api, {"type": "email", "payload": {"subject": "Grüße", "to": "ada@example.com"}})

    mails = [
        message_from_bytes(path.read_bytes(), policy=modern_policy)
        for path in (run.data / "mail").glob("*.eml")
    ]
    assert task["status"] == "completed"
    assert ("Grüße", "ada@example.com") in [(mail["subject"], mail["to"]) for mail in mails]


@pytest.mark.parametrize(("format_", "begins"), [("pdf", b"%PDF-"), ("csv", b""), ("json", b"")])
def test_a_report_is_a_file(api: Api, format_: str, begins: bytes) -> None:
    task = ended(api, {"type": "report", "payload": {"format": format_}})

    result = task["result"]
    assert isinstance(result, dict), task
    content = Path(result["path"]).read_bytes()
    assert len(content) == result["bytes"] > 0
    assert content.startswith(begins)


def test_a_failing_attempt_is_tried_again_until_it_succeeds(api: Api) -> None:
    task = ended(
        api,
        {
            "type": "flaky",
            "payload": {"failures": 2},
            "retry": {"base": 0.1, "jitter": False},
        },
    )

    assert task["status"] == "completed"
    assert task["attempt"] == 3
    attempts = task["attempts"]
    assert isinstance(attempts, list)
    assert [attempt["outcome"] for attempt in attempts] == ["failed", "failed"]


def test_a_task_that_gives_up_fails_with_its_reason(api: Api) -> None:
    task = ended(api, {"type": "fail", "payload": {"give_up": True}})

    assert task["status"] == "failed"
    assert task["attempt"] == 1
    assert task["error"]


def test_an_attempt_past_its_timeout_fails(api: Api) -> None:
    task = ended(
        api,
        {
            "type": "slow",
            "payload": {"seconds": 30},
            "timeout": 1,
            "retry": {"max_attempts": 1},
        },
    )

    assert task["status"] == "failed"
    assert "timed out after 1 s" in str(task["error"])


def test_counts_add_up(api: Api) -> None:
    ended(api, {"type": "echo"})

    counts = api.get("/stats")

    assert counts["total"] == sum(counts[each] for each in counts if each != "total")
    assert counts["completed"] >= 1


def test_a_caller_mistake_is_a_problem_and_stores_nothing(api: Api) -> None:
    before = api.get("/stats")["total"]

    with pytest.raises(HTTPError) as refused:
        api.post("/schedule", {"type": "emial"})

    assert refused.value.code == 422
    assert refused.value.headers["Content-Type"] == "application/problem+json"
    assert b"email" in refused.value.read()
    assert api.get("/stats")["total"] == before


def test_a_browser_of_any_origin_may_call(api: Api) -> None:
    preflight = Request(  # noqa: S310 - our own
        f"{api.url}/schedule",
        method="OPTIONS",
        headers={"Origin": "http://shop.example", "Access-Control-Request-Method": "POST"},
    )

    with urlopen(preflight, timeout=10) as answer:  # noqa: S310 - our own
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_every_lane_does_its_share(api: Api, run: Harness) -> None:
    ids = [api.post("/schedule", {"type": "echo"})["task_id"] for _ in range(40)]

    eventually(
        lambda: all(api.task(each)["status"] == "completed" for each in ids),
        within=timedelta(seconds=20),
    )

    busy = {status.name: status.invocations for status in run.platform.environments()}
    assert busy["execute-default-0"] > 1, busy
    assert busy["execute-default-1"] > 1, busy
