"""Each folder of functions/ deploys by chalice, with the shared packages inside.

`chalice deploy` talks to moto; what it deployed is fetched back from there and run.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from localstack_client.session import Session
from samtranslator.yaml_helper import yaml_parse

from dueline.http_api.routes import ROUTES
from infra.artefact.build import build
from infra.artefact.target import Target
from infra.chalice_project import FUNCTIONS, PROJECTS, run_chalice
from tests.packaging.aws_server import CREDENTIALS, aws_server, deployed_code
from tests.packaging.bare_python import bare_python, own_architecture, own_version
from tests.packaging.journey import Entry, Environments
from tests.packaging.templates import lint, of_type, sam_template, translated

DEPLOYED_AS = {
    "schedule": "dueline-schedule-prod",
    "tick": "dueline-tick-prod-tick",
    "execute": "dueline-execute-prod-execute",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Projects:
    """Copies of the functions' folders, to run chalice in, and the packages to lend them."""

    folder: Path
    artefact: Path

    def chalice(self, name: str, *words: str) -> int:
        return run_chalice(self.folder / name, self.artefact, words)


@pytest.fixture(scope="module")
def target() -> Target:
    """Chalice deploys for the Python that runs it."""
    return Target(python_version=own_version(), architecture=own_architecture())


@pytest.fixture(scope="module")
def projects(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Projects:
    folder = tmp_path_factory.mktemp("chalice")
    for name in PROJECTS:
        shutil.copytree(
            FUNCTIONS / name, folder / name, ignore=shutil.ignore_patterns("deployments")
        )
    return Projects(folder=folder, artefact=build(folder / "build", target).folder)


@pytest.fixture(scope="module")
def aws(projects: Projects) -> Iterator[Session]:
    """An account to which the three are deployed. It is not empty for whoever comes later."""
    with aws_server() as server, pytest.MonkeyPatch.context() as environment:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": server.url}.items():
            environment.setenv(name, value)
        for name in PROJECTS:
            assert projects.chalice(name, "deploy", "--stage", "prod") == 0
        yield Session()


def config_of(name: str) -> dict[str, Any]:
    return dict(json.loads((FUNCTIONS / name / ".chalice" / "config.json").read_text()))


def configuration(aws: Session, name: str) -> dict[str, Any]:
    return dict(aws.client("lambda").get_function(FunctionName=DEPLOYED_AS[name])["Configuration"])


def test_the_three_configs_have_the_same_settings() -> None:
    shared = ("environment_variables", "subnet_ids", "security_group_ids")

    stages = [config_of(name)["stages"]["prod"] for name in PROJECTS]

    assert all(stage[key] == stages[0][key] for stage in stages for key in shared)


def test_each_function_is_deployed_as_its_config_says(aws: Session) -> None:
    for name in PROJECTS:
        stage = config_of(name)["stages"]["prod"]

        deployed = configuration(aws, name)

        assert deployed["Runtime"] == f"python{own_version()}"
        assert deployed["Timeout"] == stage["lambda_timeout"]
        assert deployed["MemorySize"] == stage["lambda_memory_size"]
        assert deployed["Environment"]["Variables"] == stage["environment_variables"]
        assert deployed["VpcConfig"]["SubnetIds"] == stage["subnet_ids"]


def test_cron_calls_the_deployed_tick_and_two_may_overlap(aws: Session) -> None:
    [rule] = aws.client("events").list_rules()["Rules"]
    [called] = aws.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    reserved = aws.client("lambda").get_function_concurrency(FunctionName=DEPLOYED_AS["tick"])

    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert called["Arn"] == configuration(aws, "tick")["FunctionArn"]
    assert reserved["ReservedConcurrentExecutions"] == 2


def test_the_deployed_api_has_every_route(aws: Session) -> None:
    gateway = aws.client("apigateway")
    [api] = gateway.get_rest_apis()["items"]

    resources = gateway.get_resources(restApiId=api["id"], limit=500)["items"]

    routes = {(way, each["path"]) for each in resources for way in each.get("resourceMethods", {})}
    assert routes == {(route.method, route.path) for route in ROUTES}
    assert gateway.get_stages(restApiId=api["id"])["item"][0]["stageName"] == "v1"


@pytest.mark.parametrize("name", PROJECTS)
def test_a_deployed_role_may_do_what_the_template_lets_its_function_do(
    aws: Session, name: str
) -> None:
    roles = aws.client("iam")
    role = configuration(aws, name)["Role"].rpartition("/")[2]
    [policy] = roles.list_role_policies(RoleName=role)["PolicyNames"]

    document = roles.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]

    assert permissions(document) == permissions_in_the_template(name)


def permissions(document: Mapping[str, Any]) -> dict[str, tuple[str, list[str]]]:
    return {
        statement["Sid"]: (statement["Effect"], sorted(actions(statement)))
        for statement in document["Statement"]
    }


def actions(statement: Mapping[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else list(action)


def permissions_in_the_template(name: str) -> dict[str, tuple[str, list[str]]]:
    resources = sam_template()["Resources"]
    [own] = resources[f"{name.capitalize()}Role"]["Properties"]["Policies"]
    shared = resources["NetworkAccess"]["Properties"]
    return permissions(own["PolicyDocument"]) | permissions(shared["PolicyDocument"])


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.rabbitmq
def test_the_code_that_was_deployed_runs_a_task(
    aws: Session, target: Target, environment: Mapping[str, str], tmp_path: Path
) -> None:
    entries = {}
    for name in PROJECTS:
        with zipfile.ZipFile(BytesIO(deployed_code(DEPLOYED_AS[name]))) as archive:
            archive.extractall(tmp_path / name)
        handler = configuration(aws, name)["Handler"]
        entries[name] = Entry(task_root=tmp_path / name, handler=handler)
    python = bare_python(target, tmp_path / "runtime")

    broker = environment["DUELINE_WORK_QUEUE_URL"]
    with Environments(python, entries, environment, broker_url=broker) as functions:
        task_id = functions.schedule(payload="by chalice")
        functions.tick()
        functions.execute()
        read = functions.read(task_id)

    assert (read["status"], read["result"]) == ("completed", "by chalice")


def test_a_second_deployment_changes_the_functions_in_place(
    aws: Session, projects: Projects
) -> None:
    before = configuration(aws, "tick")

    assert projects.chalice("tick", "deploy", "--stage", "prod") == 0

    after = configuration(aws, "tick")
    assert (after["FunctionArn"], after["CodeSha256"]) == (
        before["FunctionArn"],
        before["CodeSha256"],
    )
    assert len(aws.client("events").list_rules()["Rules"]) == 1


@pytest.mark.parametrize("name", PROJECTS)
def test_a_package_for_cloudformation_is_clean(
    projects: Projects, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", CREDENTIALS["AWS_DEFAULT_REGION"])
    merge = ("--merge-template", ".chalice/merge.yaml", "--template-format", "yaml")

    assert projects.chalice(name, "package", "--stage", "prod", *merge, str(tmp_path)) == 0

    template = yaml_parse((tmp_path / "sam.yaml").read_text())
    for function in of_type(template, "AWS::Serverless::Function").values():
        function["Properties"]["CodeUri"] = "s3://artefacts/deployment.zip"
    made = translated(template)
    (tmp_path / "made.json").write_text(json.dumps(made))
    assert lint(tmp_path / "made.json") == ""
    mappings = of_type(made, "AWS::Lambda::EventSourceMapping")
    assert len(mappings) == (name == "execute")
