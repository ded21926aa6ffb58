"""The account in the AWS emulator of `make try-deploy`, and the error for anything that is wrong there."""

import boto3
import botocore.config

AWS = "http://127.0.0.1:80"
STACK, REGION = "proxy", "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class Wrong(Exception):
    """A sentence about what is wrong."""


def check(holds, sentence):
    if not holds:
        raise Wrong(sentence)


def client(service):
    return boto3.client(
        service, endpoint_url=AWS, region_name=REGION, config=botocore.config.Config(proxies={}),
        **{name.lower(): value for name, value in CREDENTIALS.items()},
    )  # fmt: skip


def there():
    """Return the account's resources of the kinds that the template makes, and what was uploaded."""
    buckets = [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]
    stacks = client("cloudformation").describe_stacks()["Stacks"]
    return {
        "stacks": [stack["StackName"] for stack in stacks if stack["StackName"] == STACK],
        "functions": [f["FunctionName"] for f in client("lambda").list_functions()["Functions"]],
        "tables": client("dynamodb").list_tables()["TableNames"],
        "roles": [role["RoleName"] for role in client("iam").list_roles()["Roles"] if STACK in role["RoleName"]],
        "logs": [group["logGroupName"] for group in client("logs").describe_log_groups()["logGroups"]],
        "alarms": [alarm["AlarmName"] for alarm in client("cloudwatch").describe_alarms()["MetricAlarms"]],
        "dashboards": [d["DashboardName"] for d in client("cloudwatch").list_dashboards()["DashboardEntries"]],
        "uploads": [file["Key"] for bucket in buckets for file in files(bucket)],
    }


def files(bucket):
    return client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
