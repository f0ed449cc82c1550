import msgspec
import pytest

from dueline.handler import GiveUp
from handlers.payloads import read_payload

from .factories import a_task


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    note: str = ""


def test_a_payload_is_read_with_its_defaults() -> None:
    assert read_payload(a_task({"number": 7}), Order) == Order(7, "")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "required field `number`"),
        ({"number": "7"}, r"Expected `int`, got `str` - at `\$.number`"),
        ({"number": 7, "nota": ""}, "unknown field `nota`"),
        ([], "Expected `object`, got `array`"),
    ],
)
def test_a_wrong_payload_is_given_up_with_type_field_and_reason(
    payload: object, reason: str
) -> None:
    with pytest.raises(GiveUp, match=f"'echo' task refused: .*{reason}"):
        read_payload(a_task(payload), Order)
