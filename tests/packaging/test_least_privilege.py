"""Each role allows what its function and Lambda on its behalf do, and nothing else.

What a function does is observed: it runs a task with its logins in Secrets Manager, and every
call that reaches AWS is noted. What Lambda does in the role cannot be observed here; the list is
from its manual ("Using Lambda with Amazon MQ", "Giving Lambda functions access to resources in
an Amazon VPC", "Sending Lambda function logs to CloudWatch Logs").
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.eventually import eventually
from tests.packaging.aws_server import REGION, Aws, aws_server
from tests.packaging.bare_python import Python
from tests.packaging.journey import Entry, Environments
from tests.packaging.lambda_events import get_readyz
from tests.packaging.secrets_manager import Secrets
from tests.packaging.templates import ACCOUNT, PARAMETERS, Resolver, cloudformation

Permission = tuple[str, str]  # an action, and the resource that it is done to

# The parameter of the template that has the secret of each setting.
SECRETS = {
    "DUELINE_POSTGRES_SECRET": "PostgresSecretArn",
    "DUELINE_REDIS_SECRET": "RedisSecretArn",
    "DUELINE_WORK_QUEUE_SECRET": "BrokerSecretArn",
}
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/dueline"
BY_LAMBDA_TO_JOIN_A_VPC = {
    (f"ec2:{action}", "*")
    for action in (
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeVpcs",
    )
}
BY_LAMBDA_TO_POLL = {
    ("mq:DescribeBroker", PARAMETERS["BrokerArn"]),
    ("secretsmanager:GetSecretValue", PARAMETERS["BrokerSecretArn"]),
}


def by_lambda(function: str) -> set[Permission]:
    logging = {
        (f"logs:{act}", f"{LOGS}-{function}:*") for act in ("CreateLogStream", "PutLogEvents")
    }
    polling = BY_LAMBDA_TO_POLL if function == "execute" else set()
    return BY_LAMBDA_TO_JOIN_A_VPC | logging | polling


@pytest.fixture
def aws() -> Iterator[Aws]:
    with aws_server() as server:
        yield server


@pytest.fixture
def secrets(aws: Aws) -> Iterator[Secrets]:
    with closing(Secrets(aws)) as made:
        yield made


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.rabbitmq
def test_a_role_allows_what_is_done_in_it_and_nothing_else(
    python: Python, task_root: Path, aws: Aws, secrets: Secrets, environment: Mapping[str, str]
) -> None:
    settings = secrets.keep_logins_of(environment)
    entries = {
        "schedule": Entry(task_root=task_root, handler="functions.schedule.app.app"),
        "tick": Entry(task_root=task_root, handler="functions.tick.app.handle"),
        "execute": Entry(task_root=task_root, handler="functions.execute.app.handle"),
    }

    broker = environment["DUELINE_WORK_QUEUE_URL"]
    with Environments(python, entries, settings, broker_url=broker) as functions:
        task_id = functions.schedule(type_="flaky", payload={"failures": 1})
        functions.invoke("schedule", get_readyz())
        functions.tick()
        # A retry is what takes execute to Redis.
        assert functions.execute()["retried"] == 1
        eventually(lambda: functions.tick()["sent"], within=timedelta(seconds=30))
        functions.execute()
        assert functions.read(task_id)["status"] == "completed"

    for name in entries:
        done = {
            (call.action, PARAMETERS[SECRETS[secrets.setting_of(call.resource)]])
            for call in aws.calls
            if call.caller == name
        }
        assert done | by_lambda(name) == allowed(name)


def allowed(function: str) -> set[Permission]:
    """What the role of the template allows, resource by resource."""
    template = cloudformation()
    role = template["Resources"][f"{function.capitalize()}Role"]["Properties"]
    network = template["Resources"]["NetworkAccess"]["Properties"]
    resolve = Resolver(template, {})
    statements = [
        resolve(statement)
        for policy in (*role["Policies"], network)
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    return {
        (action, resource)
        for statement in statements
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
