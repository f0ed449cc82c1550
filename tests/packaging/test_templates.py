"""infra/*.yaml: translated by AWS's translator, linted before and after, and held to the code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from dueline.config import Settings
from dueline.domain.lanes import LaneMap
from dueline.http_api.routes import ROUTES
from dueline.work_queue.topology import queue_name
from infra.artefact.target import DEFAULT_ARCHITECTURE, DEFAULT_PYTHON_VERSION, MACHINES
from infra.lanes import TEMPLATE, template_for
from infra.routes import with_routes
from tests.packaging.templates import (
    PARAMETERS,
    Resolver,
    cloudformation,
    lint,
    of_type,
    sam_template,
    translated,
)

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ROOT / "infra" / "servers.yaml"

# One unit for one, more for more; 1 minute is the shortest (EventBridge, "rate expressions").
RATE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")


def test_the_templates_are_clean_as_written_and_as_cloudformation_sees_them(tmp_path: Path) -> None:
    one, eight = tmp_path / "one.json", tmp_path / "eight.json"
    one.write_text(json.dumps(cloudformation()))
    eight.write_text(json.dumps(cloudformation("default=7,mail=1", ticks=2)))

    assert lint(TEMPLATE, SERVERS, one, eight) == ""


def test_every_route_of_the_code_is_in_the_template_and_no_other() -> None:
    paths = sam_template()["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]

    listed = [(method.upper(), path) for path, methods in paths.items() for method in methods]

    assert sorted(listed) == sorted((route.method, route.path) for route in ROUTES), (
        "after a change of routes.py: python -m infra.routes"
    )


def test_a_new_route_needs_one_command_and_no_permission() -> None:
    new = ROUTES[0]._replace(method="DELETE", path="/tasks/{task_id}/results")
    text = with_routes(TEMPLATE.read_text(), [*ROUTES, new])

    template, before = yaml_parse(text), cloudformation()
    template["Globals"]["Function"]["CodeUri"] = "s3://artefacts/lambda.zip"
    after = translated(template)

    paths = after["Resources"]["Api"]["Properties"]["Body"]["paths"]
    assert list(paths[new.path]) == ["delete"]
    assert paths[new.path]["delete"]["security"] == [{"AWS_IAM": []}]
    assert len(after["Resources"]) == len(before["Resources"])


def test_writing_the_routes_again_changes_nothing() -> None:
    template = TEMPLATE.read_text()

    assert with_routes(template, ROUTES) == template


def test_every_route_but_a_preflight_wants_a_signature() -> None:
    body = of_type(cloudformation(), "AWS::ApiGateway::RestApi")["Api"]["Properties"]["Body"]

    open_to_all = {
        method
        for path in body["paths"].values()
        for method, operation in path.items()
        if operation.get("security") != [{"AWS_IAM": []}]
    }

    assert open_to_all == {"options"}


def test_every_schedule_is_one_that_eventbridge_takes() -> None:
    rules = of_type(cloudformation("default=4", ticks=2), "AWS::Events::Rule")

    rates = [rule["Properties"]["ScheduleExpression"] for rule in rules.values()]

    assert len(rates) == 2
    assert [rate for rate in rates if not RATE.fullmatch(rate)] == []


@pytest.mark.parametrize("wrong", ["rate(1 minutes)", "rate(2 minute)", "rat(1 minute)"])
def test_the_check_of_rates_knows_wrong_ones(wrong: str) -> None:
    assert RATE.fullmatch(wrong) is None


def test_the_settings_of_the_template_can_be_read_by_the_functions() -> None:
    template = cloudformation("default=3,bulk-mail=1")
    resolve = Resolver(template, {})

    for function in of_type(template, "AWS::Lambda::Function").values():
        variables = resolve(function["Properties"]["Environment"]["Variables"])
        settings = Settings.from_env({name: str(value) for name, value in variables.items()})

        assert settings.lanes == LaneMap({"default": 3, "bulk-mail": 1})
        assert settings.work_queue_secret == PARAMETERS["BrokerSecretArn"]


def test_the_template_sets_no_name_that_the_code_does_not_read() -> None:
    variables = sam_template()["Globals"]["Function"]["Environment"]["Variables"]

    assert set(variables) - names_read_in("dueline") == set()


def test_every_name_that_the_code_reads_is_set_or_explained() -> None:
    variables = set(sam_template()["Globals"]["Function"]["Environment"]["Variables"])
    explained = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs" / "deploy.md").read_text()))

    assert names_read_in("dueline", "handlers") - variables - explained == set()


def names_read_in(*folders: str) -> set[str]:
    """Names of environment variables that code mentions: dueline's own, and its handlers'."""
    sources = [path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {
        name
        for source in sources
        for name in re.findall(r'"((?:DUELINE|SMTP|MAIL|REPORTS)_[A-Z_]+)"', source)
    }


@pytest.mark.parametrize(("queues", "lanes"), [("default=1", 1), ("default=8", 8)])
def test_each_lane_has_a_function_with_its_own_queue(queues: str, lanes: int) -> None:
    template = cloudformation(queues)
    mappings = of_type(template, "AWS::Lambda::EventSourceMapping")

    fed = {
        mapping["Properties"]["Queues"][0]: mapping["Properties"]["FunctionName"]["Ref"]
        for mapping in mappings.values()
    }

    assert set(fed) == {queue_name(lane) for lane in LaneMap({"default": lanes}).all()}
    assert len(set(fed.values())) == lanes


def test_groups_of_ticks_share_out_all_lanes() -> None:
    rules = of_type(cloudformation("default=4,mail=1", ticks=2), "AWS::Events::Rule").values()

    named = [json.loads(rule["Properties"]["Targets"][0]["Input"])["lanes"] for rule in rules]

    assert sorted(lane for lanes in named for lane in lanes) == [
        *(f"default.{index}" for index in range(4)),
        "mail.0",
    ]


def test_one_lane_is_the_template_as_it_is_written() -> None:
    assert template_for(TEMPLATE.read_text(), "default=1") == TEMPLATE.read_text()


@pytest.mark.parametrize(
    ("queues", "ticks", "said"),
    [
        ("default=0", 1, "1 to 256 lanes"),
        ("mail=1", 1, "a queue called default"),
        ("default=2", 3, "want 1 to 2"),
        ("default=1,bulk-mail=1,bulk_mail=1", 1, "rename one"),
    ],
)
def test_lanes_that_cannot_be_are_refused(queues: str, ticks: int, said: str) -> None:
    with pytest.raises(Exception, match=said):
        template_for(TEMPLATE.read_text(), queues, ticks=ticks)


def test_the_servers_give_what_the_functions_ask_for() -> None:
    parameters = sam_template()["Parameters"]
    outputs = re.findall(r"^  (\w+):$", SERVERS.read_text().partition("\nOutputs:\n")[2], re.M)

    asked_for = {name for name in parameters if re.search("Url$|Secret|Broker", name)}

    assert set(outputs) == asked_for


def test_the_template_and_the_build_agree_on_what_they_are_for() -> None:
    parameters = sam_template()["Parameters"]

    assert parameters["PythonVersion"]["Default"] == f"python{DEFAULT_PYTHON_VERSION}"
    assert parameters["Architecture"]["Default"] == DEFAULT_ARCHITECTURE
    assert set(parameters["Architecture"]["AllowedValues"]) == set(MACHINES)


def test_a_quiet_flow_can_fill_every_thread() -> None:
    """In one the messages name a task each, and while some run others must be there."""
    parameters = sam_template()["Parameters"]

    assert parameters["BatchSize"]["Default"] >= 2 * parameters["Threads"]["Default"]


def test_every_filter_of_the_log_looks_for_an_event_that_the_code_logs() -> None:
    patterns = [
        resource["Properties"]["FilterPattern"]
        for resource in of_type(cloudformation(), "AWS::Logs::MetricFilter").values()
    ]
    sources = "".join(path.read_text() for path in (ROOT / "dueline").rglob("*.py"))
    logged = set(re.findall(r'"event": "(\w+)"', sources))

    wanted = set(re.findall(r'\$\.event = "(\w+)"', "".join(patterns)))

    assert wanted
    assert wanted - logged == set()


def test_every_field_that_a_filter_reads_is_one_that_the_code_logs() -> None:
    filters = json.dumps(of_type(cloudformation(), "AWS::Logs::MetricFilter"))
    sources = "".join(path.read_text() for path in (ROOT / "dueline").rglob("*.py"))

    wanted = set(re.findall(r"\$\.(\w+)", filters))

    assert {"event", "status", "oldest_due_seconds"} <= wanted
    assert {field for field in wanted if f'"{field}": ' not in sources} == set()


def test_every_alarm_watches_a_metric_of_aws_or_one_that_a_filter_makes() -> None:
    template = cloudformation()
    made = {
        change["MetricName"]
        for each in of_type(template, "AWS::Logs::MetricFilter").values()
        for change in each["Properties"]["MetricTransformations"]
    }

    watched = re.findall(
        r'"Namespace": \{"Ref": "AWS::StackName"\}, "MetricName": "(\w+)"',
        json.dumps(of_type(template, "AWS::CloudWatch::Alarm")),
    )

    assert set(watched) == made


def test_every_alarm_is_sent_to_the_topic() -> None:
    alarms = of_type(cloudformation("default=2"), "AWS::CloudWatch::Alarm")

    silent = [
        name
        for name, alarm in alarms.items()
        if "AlarmTopicArn" not in json.dumps(alarm["Properties"].get("AlarmActions"))
    ]

    assert silent == []


def test_a_mapping_without_its_secret_is_refused_by_the_translator() -> None:
    broken: dict[str, Any] = json.loads(json.dumps(sam_template()))
    event = broken["Resources"]["ExecuteDefault0"]["Properties"]["Events"]["Queue"]["Properties"]
    del event["SourceAccessConfigurations"]
    broken["Globals"]["Function"]["CodeUri"] = "s3://artefacts/lambda.zip"

    with pytest.raises(Exception, match="SourceAccessConfigurations"):
        translated(broken)
