"""template.yaml as CloudFormation sees it: run through SAM's translator, with parameters and conditions filled in.

Nothing here touches the network or needs an account.
"""

import copy
import os

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # the translator asks boto3 for the partition

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

NO_VALUE = {"Ref": "AWS::NoValue"}
FUNCTION_URL = "https://abc.lambda-url.us-east-1.on.aws/"  # in Lambda's form
PSEUDO = {
    "AWS::StackName": "proxy",
    "AWS::Region": "us-east-1",
    "AWS::Partition": "aws",
    "AWS::AccountId": "111122223333",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/proxy/0e2f6a70-cb2a-11f0-9d5c-0affc1d2e3f4",
}


def read(path):
    return yaml_parse(path.read_text())


def deploy(template, parameters):
    template = copy.deepcopy(template)
    defaults = {name: p["Default"] for name, p in template["Parameters"].items() if "Default" in p}
    values = {**defaults, **parameters}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":  # as `sam build` and `sam package` fill it in
            if resource["Properties"]["PackageType"] == "Image":
                resource["Properties"]["ImageUri"] = "111122223333.dkr.ecr.us-east-1.amazonaws.com/proxy:latest"
            else:
                resource["Properties"]["CodeUri"] = "s3://bucket/key"
        if resource["Type"] == "AWS::Serverless::Application":
            resource["Properties"]["Location"] = "https://s3.amazonaws.com/bucket/key"
    made = transform(template, values, NoManagedPolicies())
    conditions = made.get("Conditions", {})
    values = {name: as_list(made["Parameters"][name], value) for name, value in values.items()}
    values = {**PSEUDO, **values}
    return {part: made_of(made[part], values, conditions) for part in ("Resources", "Outputs")}


def made_of(part, values, conditions):
    """The resources or outputs that the stack has, with their conditions resolved."""
    return {
        name: {key: evaluate(value, values, conditions) for key, value in one.items() if key != "Condition"}
        for name, one in part.items()
        if "Condition" not in one or evaluate({"Condition": one["Condition"]}, values, conditions)
    }


class NoManagedPolicies:
    """SAM asks IAM for the ARNs of managed policies. This template must not need any."""

    def load(self):
        return {}


def as_list(parameter, value):
    return value.split(",") if parameter["Type"] == "CommaDelimitedList" else value


def evaluate(node, values, conditions):
    """Resolves Ref, Fn::If, string and condition functions. Values that only a real stack has stay as they are."""

    def inner(node):
        return evaluate(node, values, conditions)

    if isinstance(node, list):
        return [item for item in map(inner, node) if item != NO_VALUE]
    if not isinstance(node, dict):
        return node
    if len(node) == 1:
        ((name, argument),) = node.items()
        match name:
            case "Ref":
                return values.get(argument, node)
            case "Condition" if isinstance(argument, str):
                return inner(conditions[argument])
            case "Fn::If":
                condition, then, otherwise = argument
                return inner(then if inner(conditions[condition]) else otherwise)
            case "Fn::Equals":
                left, right = inner(argument)
                return str(left) == str(right)
            case "Fn::Not":
                return not inner(argument)[0]
            case "Fn::Or":
                return any(inner(argument))
            case "Fn::And":
                return all(inner(argument))
            case "Fn::GetAtt" if argument == ["ProxyUrl", "FunctionUrl"]:
                return FUNCTION_URL
            case "Fn::Split":
                separator, text = inner(argument)
                return text.split(separator)
            case "Fn::Join":
                delimiter, items = inner(argument)
                return delimiter.join(items)
            case "Fn::Select":
                index, items = inner(argument)
                return items[int(index)]
            case "Fn::Sub" if isinstance(argument, str):
                return substitute(argument, values)
            case "Fn::Sub":
                text, own = argument
                return substitute(text, {**values, **inner(own)})
    result = {key: inner(value) for key, value in node.items()}
    return {key: value for key, value in result.items() if value != NO_VALUE}


def substitute(text, values):
    for key, value in values.items():
        text = text.replace("${%s}" % key, str(value))
    return text


def only(stack, type):
    """The properties of the only resource of this type."""
    (found,) = every(stack, type).values()
    return found


def every(stack, type):
    """The properties of the resources of this type, by name."""
    return {name: r["Properties"] for name, r in stack["Resources"].items() if r["Type"] == type}
