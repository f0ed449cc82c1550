"""The stack is created, in moto, and each service is asked what it got.

moto's CloudFormation answers CREATE_COMPLETE for types that it does not know, so that answer
proves nothing here. What it makes is read back from the service. What it cannot make
(`NOT_BY_CLOUDFORMATION`) is given to the service's own API, where moto has one, and its parameters
are checked by botocore's model of AWS; cfn-lint has checked its schema in test_templates.py.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.validate import validate_parameters
from moto import mock_aws

from dueline.domain.lanes import LaneMap
from dueline.http_api.routes import ROUTES
from infra.artefact.build import Artefact
from tests.packaging.templates import (
    BUCKET,
    KEY,
    PARAMETERS,
    REGION,
    STACK,
    Resolver,
    Resources,
    cloudformation,
    of_type,
)

NOT_BY_CLOUDFORMATION = {
    "AWS::ApiGateway::Deployment",  # moto drops the body of the API, and with it its methods
    "AWS::ApiGateway::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",  # of SQS, Kinesis and DynamoDB only
    "AWS::Logs::MetricFilter",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that moto has created."""

    lanes: LaneMap
    template: Mapping[str, Any]
    resolve: Resolver
    client: Callable[[str], Any]

    def missing(self, type_: str) -> Resources:
        """Resources that moto did not make, with their values resolved."""
        return {name: self.resolve(r) for name, r in of_type(self.template, type_).items()}

    def function(self, name: str) -> dict[str, Any]:
        configuration = self.client("lambda").get_function_configuration(FunctionName=name)
        return dict(configuration)


@pytest.fixture(params=[1, 8], ids=["one lane", "eight lanes"])
def stack(
    request: pytest.FixtureRequest, artefact: Artefact, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    template = cloudformation(f"default={request.param}")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        identities = created(template, artefact.archive)
        yield Stack(
            lanes=LaneMap({"default": request.param}),
            template=template,
            resolve=Resolver(template, identities),
            client=boto3.client,
        )


def created(template: Mapping[str, Any], archive: Path) -> dict[str, str]:
    """Create what moto can create; resources' identities by name."""
    storage = boto3.client("s3")
    storage.create_bucket(Bucket=BUCKET)
    storage.put_object(Bucket=BUCKET, Key=KEY, Body=archive.read_bytes())
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] not in NOT_BY_CLOUDFORMATION
    }
    stacks = boto3.client("cloudformation")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # moto warns, and goes on, where it does not know a type
        stacks.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps({**template, "Resources": resources}),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in PARAMETERS.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )
    found = stacks.describe_stack_resources(StackName=STACK)["StackResources"]
    return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in found}


def test_the_functions_are_there_with_the_artefact(stack: Stack, artefact: Artefact) -> None:
    lanes = [f"execute-{lane.queue}-{lane.index}" for lane in stack.lanes.all()]

    names = {each["FunctionName"] for each in stack.client("lambda").list_functions()["Functions"]}

    assert names == {f"dueline-{name}" for name in ("schedule", "tick-0", *lanes)}
    for name in names:
        function = stack.function(name)
        assert function["Runtime"] == "python3.13"
        assert function["CodeSize"] == artefact.zipped_bytes
        assert function["VpcConfig"]["SubnetIds"] == PARAMETERS["SubnetIds"].split(",")
        assert function["Environment"]["Variables"]["DUELINE_QUEUES"] == (
            f"default={len(stack.lanes.all())}"
        )


def test_two_ticks_overlap_and_a_late_one_is_dropped(stack: Stack) -> None:
    functions = stack.client("lambda")
    [config] = stack.missing("AWS::Lambda::EventInvokeConfig").values()
    del config["Properties"]["Qualifier"]
    functions.put_function_event_invoke_config(**config["Properties"])

    concurrency = functions.get_function_concurrency(FunctionName="dueline-tick-0")
    asynchronous = functions.get_function_event_invoke_config(FunctionName="dueline-tick-0")

    assert concurrency["ReservedConcurrentExecutions"] == 2
    assert stack.function("dueline-tick-0")["Timeout"] == 90
    assert asynchronous["MaximumRetryAttempts"] == 0
    assert asynchronous["MaximumEventAgeInSeconds"] == 60


def test_cron_calls_tick_once_a_minute(stack: Stack) -> None:
    events = stack.client("events")
    [rule] = events.list_rules()["Rules"]
    [called] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]

    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
    assert called["Arn"] == stack.function("dueline-tick-0")["FunctionArn"]
    assert called["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


def test_each_lanes_queue_feeds_its_function(stack: Stack) -> None:
    mappings = stack.missing("AWS::Lambda::EventSourceMapping")

    for lane in stack.lanes.all():
        mapping = mappings[f"ExecuteDefault{lane.index}Queue"]["Properties"]
        follows_the_api("lambda", "CreateEventSourceMapping", mapping)
        assert mapping == {
            "EventSourceArn": PARAMETERS["BrokerArn"],
            "FunctionName": f"dueline-execute-default-{lane.index}",
            "Queues": [f"dueline.default.{lane.index}"],
            "BatchSize": 32,
            "MaximumBatchingWindowInSeconds": 0,
            "SourceAccessConfigurations": [
                {"Type": "BASIC_AUTH", "URI": PARAMETERS["BrokerSecretArn"]},
                {"Type": "VIRTUAL_HOST", "URI": "/"},
            ],
        }
    assert len(mappings) == len(stack.lanes.all())


def test_the_api_has_every_route_and_calls_schedule(stack: Stack) -> None:
    gateway = stack.client("apigateway")
    [api] = gateway.get_rest_apis()["items"]
    body = stack.resolve(stack.template["Resources"]["Api"]["Properties"]["Body"])
    gateway.put_rest_api(restApiId=api["id"], mode="overwrite", body=json.dumps(body))

    resources = gateway.get_resources(restApiId=api["id"], limit=500)["items"]

    routes = {
        (method, resource["path"]): resource["resourceMethods"][method]
        for resource in resources
        for method in resource.get("resourceMethods", {})
    }
    assert set(routes) == {(route.method, route.path) for route in ROUTES}
    function = stack.function("dueline-schedule")["FunctionArn"]
    assert {method["methodIntegration"]["type"].upper() for method in routes.values()} == {
        "AWS_PROXY"
    }
    assert all(function in method["methodIntegration"]["uri"] for method in routes.values())
    stage = stack.template["Resources"]["Apiv1Stage"]["Properties"]["StageName"]
    gateway.create_deployment(restApiId=api["id"], stageName=stage)
    assert [each["stageName"] for each in gateway.get_stages(restApiId=api["id"])["item"]] == ["v1"]


def test_each_function_has_a_role_of_its_own(stack: Stack) -> None:
    roles = {
        name: stack.function(f"dueline-{name}")["Role"]
        for name in ("schedule", "tick-0", "execute-default-0")
    }

    assert len(set(roles.values())) == 3
    for role in stack.client("iam").list_roles()["Roles"]:
        assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {
            "Service": "lambda.amazonaws.com"
        }


def test_logs_are_kept_for_a_while_and_counted(stack: Stack) -> None:
    logs = stack.client("logs")
    for name, counted in stack.missing("AWS::Logs::MetricFilter").items():
        logs.put_metric_filter(filterName=name, **in_lower_case(counted["Properties"]))

    groups = {group["logGroupName"]: group for group in logs.describe_log_groups()["logGroups"]}

    names = ("schedule", "tick", "execute")
    assert set(groups) == {f"/aws/lambda/dueline-{name}" for name in names}
    assert {group["retentionInDays"] for group in groups.values()} == {30}
    counted = logs.describe_metric_filters(logGroupName="/aws/lambda/dueline-execute")
    assert len(counted["metricFilters"]) == 3


def test_the_alarms_are_taken_and_send_to_the_topic(stack: Stack) -> None:
    watch = stack.client("cloudwatch")
    for name, alarm in stack.missing("AWS::CloudWatch::Alarm").items():
        watch.put_metric_alarm(AlarmName=name, **alarm["Properties"])

    alarms = {each["AlarmName"]: each for each in watch.describe_alarms()["MetricAlarms"]}

    assert set(alarms) == {
        *("Tick0Stalled", "Tick0Failing", "ManyFailures", "PoisonFound", "RequestsFailing"),
        *("ServersUnreachable", "WorkPilesUp", "TasksWait"),
        *(f"ExecuteDefault{lane.index}Failing" for lane in stack.lanes.all()),
    }
    assert all(each["AlarmActions"] == [PARAMETERS["AlarmTopicArn"]] for each in alarms.values())
    assert alarms["Tick0Stalled"]["TreatMissingData"] == "breaching"
    assert alarms["WorkPilesUp"]["Dimensions"] == [{"Name": "Broker", "Value": "dueline"}]


def test_the_dashboard_is_valid_json(stack: Stack) -> None:
    board = stack.client("cloudwatch").get_dashboard(DashboardName=STACK)

    assert len(json.loads(board["DashboardBody"])["widgets"]) == 5


def follows_the_api(service: str, operation: str, parameters: Mapping[str, Any]) -> None:
    """Raises ParamValidationError where AWS's own model of the operation does not take them."""
    model = botocore.session.get_session().get_service_model(service)
    validate_parameters(parameters, model.operation_model(operation).input_shape)


def in_lower_case(value: Any) -> Any:
    """CloudFormation's names of properties as CloudWatch Logs' API writes them."""
    if isinstance(value, list):
        return [in_lower_case(each) for each in value]
    if isinstance(value, dict):
        return {f"{key[0].lower()}{key[1:]}": in_lower_case(each) for key, each in value.items()}
    return value
