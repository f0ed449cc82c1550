"""docs/asyncapi.json: what it says of messages and queues is what the code sends, reads, declares.

AsyncAPI's schemas are JSON Schema draft 7.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from dueline.domain.errors import BadMessage
from dueline.domain.lanes import Lane
from dueline.domain.messages import MOST_IDS, decode_message, encode_message
from dueline.domain.tasks import TaskRef
from dueline.work_queue.topology import DEAD_LETTERS, DELIVERY_LIMIT, EXCHANGE, queue_name

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "asyncapi.json").read_text())
DUE = DOCUMENT["components"]["messages"]["due"]
VALIDATOR = Draft7Validator({**DUE["payload"], "components": DOCUMENT["components"]})

ids = st.uuids().map(str)
fences = st.integers(min_value=0, max_value=2**63 - 1)
refs = st.tuples(ids, fences).map(list)
nearly_ids = st.one_of(ids, ids.map(str.upper), st.text(max_size=40), st.integers())
nearly_fences = st.one_of(fences, st.integers(), st.booleans(), st.none(), st.text(max_size=3))
nearly_refs = st.one_of(refs, st.lists(st.one_of(nearly_ids, nearly_fences), max_size=3))
nearly_messages = st.one_of(
    st.fixed_dictionaries(
        {"v": st.sampled_from([1, 1, 1, 0, 2, "1", None])},
        optional={"tasks": st.lists(nearly_refs, max_size=3), "more": st.none()},
    ),
    st.fixed_dictionaries({"v": st.just(1), "tasks": st.lists(refs, min_size=1, max_size=3)}),
    st.lists(refs, max_size=2),
)


def readable(message: Any) -> bool:
    try:
        decode_message(json.dumps(message).encode())
    except BadMessage:
        return False
    return True


@given(st.lists(st.tuples(ids, fences).map(TaskRef._make), min_size=1, max_size=5))
def test_what_is_sent_is_what_the_document_says(sent: list[TaskRef]) -> None:
    assert VALIDATOR.is_valid(json.loads(encode_message(sent)))


@given(nearly_messages)
@settings(max_examples=500)
def test_what_is_read_is_what_the_document_says(message: Any) -> None:
    assert VALIDATOR.is_valid(message) == readable(message)


@pytest.mark.parametrize("count", [0, 1, MOST_IDS, MOST_IDS + 1])
def test_the_document_and_the_reader_agree_on_how_many_ids_there_may_be(count: int) -> None:
    message = {"v": 1, "tasks": [["01900000-0000-7000-8000-000000000000", 0]] * count}

    assert VALIDATOR.is_valid(message) == readable(message) == (1 <= count <= MOST_IDS)


def test_the_examples_are_messages() -> None:
    for example in DUE["examples"]:
        assert readable(example["payload"])


def test_the_channel_is_the_queue_that_is_declared() -> None:
    channel = DOCUMENT["channels"]["lane"]

    [lane] = channel["parameters"]["lane"]["examples"]
    queue, _, index = lane.rpartition(".")
    assert channel["address"].format(lane=lane) == queue_name(Lane(queue, int(index), 1))
    assert f"exchange {EXCHANGE} " in channel["description"]
    assert f"{DELIVERY_LIMIT} times goes to the queue {DEAD_LETTERS}" in channel["description"]


def test_every_reference_leads_somewhere() -> None:
    references = [reference for reference in _references(DOCUMENT) if _resolved(reference) is None]

    assert references == []


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []


def _resolved(reference: str) -> Any:
    node: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step) if isinstance(node, dict) else None
    return node
