"""infra/template.yaml as AWS would see it: transformed by AWS's own translator, and resolved."""

import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.lanes import TEMPLATE, template_for

Resources = dict[str, dict[str, Any]]

REGION = "us-east-1"
ACCOUNT = "123456789012"
STACK = "dueline"
BUCKET, KEY = "artefacts", "lambda.zip"  # where `sam deploy` has put the zip

# What a user gives to infra/template.yaml.
PARAMETERS = {
    "SubnetIds": "subnet-0a,subnet-0b",
    "SecurityGroupIds": "sg-0a",
    "PostgresUrl": "postgresql://db.internal:5432/dueline?sslmode=verify-full",
    "PostgresSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:postgres-AbCdEf",
    "RedisUrl": "rediss://cache.internal:6379",
    "RedisSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:redis-AbCdEf",
    "WorkQueueUrl": "amqps://broker.internal:5671",
    "BrokerArn": f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:dueline:b-0a",
    "BrokerSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:broker-AbCdEf",
    "AlarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
}


@cache
def sam_template(queues: str = "default=1", ticks: int = 1) -> Any:
    """The SAM template for these lanes, as data. Not to be changed."""
    return yaml_parse(template_for(TEMPLATE.read_text(), queues, ticks=ticks))


@cache
def cloudformation(queues: str = "default=1", ticks: int = 1) -> Any:
    """What AWS::Serverless-2016-10-31 makes of it. Not to be changed."""
    template = yaml_parse(template_for(TEMPLATE.read_text(), queues, ticks=ticks))
    template["Globals"]["Function"]["CodeUri"] = f"s3://{BUCKET}/{KEY}"  # as `sam deploy` does
    return translated(template)


def translated(template: dict[str, Any]) -> dict[str, Any]:
    """A SAM template as plain CloudFormation. Raises InvalidDocumentException."""
    session = boto3.session.Session(
        region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )
    translator = Translator({}, Parser(), boto_session=session)
    return dict(translator.translate(template, parameter_values={}))


def lint(*templates: Path) -> str:
    """What cfn-lint has to say about them."""
    tool = str(Path(sys.executable).with_name("cfn-lint"))
    done = subprocess.run(
        [tool, "--regions", REGION, "--template", *map(str, templates)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def of_type(template: Mapping[str, Any], type_: str) -> Resources:
    """The resources of that type, by name."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == type_
    }


class Resolver:
    """Does what CloudFormation does with Ref, GetAtt, Sub, Join, Split, Select and If.

    `identities` are resources' own: what Ref gives. GetAtt knows Arn, of functions and roles.
    """

    def __init__(self, template: Mapping[str, Any], identities: Mapping[str, str]) -> None:
        given = {
            name: PARAMETERS.get(name, parameter.get("Default"))
            for name, parameter in template["Parameters"].items()
        }
        self._lists = {
            name
            for name, parameter in template["Parameters"].items()
            if parameter["Type"].startswith("List<")
        }
        self._types = {name: each["Type"] for name, each in template["Resources"].items()}
        self._values = given | dict(identities)
        self._values |= {
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackName": STACK,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def __call__(self, value: Any) -> Any:
        match value:
            case {"Ref": str(name)}:
                return self._reference(name)
            case {"Fn::GetAtt": path}:
                return self._arn(path[0] if isinstance(path, list) else path.removesuffix(".Arn"))
            case {"Fn::Sub": str(text)}:
                return self._substituted(text)
            case {"Fn::Join": [str(glue), list(parts)]}:
                return glue.join(str(self(part)) for part in parts)
            case {"Fn::Split": [str(glue), whole]}:
                return self(whole).split(glue)
            case {"Fn::Select": [int(index), choices]}:
                return self(choices)[index]
            case {"Fn::If": ["HasAlarmTopic", then, _]}:
                return self(then)
            case dict():
                return {key: self(each) for key, each in value.items()}
            case list():
                return [self(each) for each in value]
        return value

    def _reference(self, name: str) -> Any:
        value = self._values[name]
        return str(value).split(",") if name in self._lists else value

    def _arn(self, name: str) -> str:
        identity = self._values[name]
        if self._types[name] == "AWS::IAM::Role":
            return f"arn:aws:iam::{ACCOUNT}:role/{identity}"
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{identity}"

    def _substituted(self, text: str) -> str:
        def put(match: re.Match[str]) -> str:
            name = match[1]
            return self._arn(name[:-4]) if name.endswith(".Arn") else str(self._values[name])

        return re.sub(r"\$\{([\w:.]+)\}", put, text)
