"""python -m infra.lanes --queues default=8,mail=2 --ticks 2: the template for that many lanes.

infra/template.yaml is written for one lane and one group of ticks. CloudFormation has no loops,
and its macro that has some (AWS::LanguageExtensions) is run by AWS alone: nothing of what it
makes could be looked at, linted or tested before a deployment. So the text between a pair of
marks is repeated here. The result has the same comments, and can be read and compared.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from dueline.config import Settings
from dueline.domain.lanes import Lane

TEMPLATE = Path(__file__).parent / "template.yaml"

# The marked parts, and what they were written for.
_LANE = re.compile(r"^  # >>> lane default\.0\n.*?^  # <<< lane\n", re.MULTILINE | re.DOTALL)
_TICKS = re.compile(r"^  # >>> ticks 0\n.*?^  # <<< ticks\n", re.MULTILINE | re.DOTALL)
_QUEUES = "DUELINE_QUEUES: default=1\n"
_ALL_LANES = """'{"lanes":[]}' # none named: all lanes"""

# Settings that from_env asks for, and which lanes do not depend on.
_ELSEWHERE = {
    "DUELINE_POSTGRES_URL": "postgresql://localhost/dueline",
    "DUELINE_REDIS_URL": "redis://localhost",
    "DUELINE_WORK_QUEUE_URL": "amqp://localhost",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.lanes", description=__doc__)
    parser.add_argument("--queues", default="default=1", help="as DUELINE_QUEUES: name=lanes,...")
    parser.add_argument("--ticks", type=int, default=1, help="groups of ticks that share the lanes")
    options = parser.parse_args()
    sys.stdout.write(template_for(TEMPLATE.read_text(), options.queues, ticks=options.ticks))


def template_for(template: str, queues: str, *, ticks: int = 1) -> str:
    """The text of `template` with its marked parts once per lane and per group of ticks.

    `queues` is a value of DUELINE_QUEUES. Raises BadSetting for one that the functions would
    refuse, ValueError for queues whose resources would get the same name, or idle ticks.
    """
    # Read by the functions' own reader, so that what is deployed is what will start.
    lanes = Settings.from_env(_ELSEWHERE | {"DUELINE_QUEUES": queues}).lanes.all()
    if len({_resource_name(lane) for lane in lanes}) < len(lanes):
        raise ValueError(f"two queues of {queues} differ in - and _ alone: rename one")
    if not 1 <= ticks <= len(lanes):
        raise ValueError(f"--ticks {ticks}: want 1 to {len(lanes)}, the number of lanes")
    template = template.replace(_QUEUES, f"DUELINE_QUEUES: {queues}\n")
    template = _repeat(_LANE, template, [partial(_for_lane, lane) for lane in lanes])
    if ticks == 1:
        return template
    groups = [partial(_for_ticks, group, lanes[group::ticks]) for group in range(ticks)]
    return _repeat(_TICKS, template, groups)


def _repeat(mark: re.Pattern[str], template: str, versions: Sequence[Callable[[str], str]]) -> str:
    return mark.sub(lambda part: "\n".join(version(part[0]) for version in versions), template)


def _for_lane(lane: Lane, part: str) -> str:
    part = part.replace("ExecuteDefault0", f"Execute{_resource_name(lane)}")
    part = part.replace("-execute-default-0", f"-execute-{lane.queue}-{lane.index}")
    return part.replace("default.0", lane.name)


def _for_ticks(group: int, lanes: Sequence[Lane], part: str) -> str:
    part = part.replace("Tick0", f"Tick{group}").replace("ticks 0", f"ticks {group}")
    part = part.replace("-tick-0", f"-tick-{group}")
    event = json.dumps({"lanes": [lane.name for lane in lanes]}, separators=(",", ":"))
    return part.replace(_ALL_LANES, f"'{event}'")


def _resource_name(lane: Lane) -> str:
    """A lane's part in the names of its resources, which may hold letters and digits alone."""
    words = re.split("[-_]", lane.queue)
    return "".join(word.capitalize() for word in words) + str(lane.index)


if __name__ == "__main__":
    main()
