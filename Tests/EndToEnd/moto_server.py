"""DynamoDB on loopback: moto's server with a table, and a role that may count in it.

`with moto_server.running() as dynamodb` gives `dynamodb.endpoint` for the settings of a table of servers,
`dynamodb.variables` for the environment of a process that counts, and `dynamodb.items()` with what it has counted.
"""

import contextlib
import sys

import boto3
import botocore.config
import calls
import programs

TABLE = "limits"
REGION = "eu-west-1"
MAY_COUNT = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["dynamodb:UpdateItem", "dynamodb:GetItem"], "Resource": "*"}]}"""
MAY_TAKE_ROLES = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}"""


@contextlib.contextmanager
def running():
    """moto with the table, and with a role that may only count."""
    program = programs.Program(sys.executable, programs.ROOT / "Tests/EndToEnd/moto_program.py")
    try:
        yield DynamoDB(program.first_line("AWS: "))
    finally:
        program.stop()


class DynamoDB:
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.region = REGION
        self.administrator = self.client("dynamodb")
        self.create_table()
        self.variables = self._temporary_credentials()

    def create_table(self, name=TABLE):
        """Create a table as the documentation says."""
        self.administrator.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
        self.administrator.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
        )

    def items(self, table=TABLE):
        """Return the table's items by id: numbers as int, sets as sorted lists."""
        pages = self.administrator.get_paginator("scan").paginate(TableName=table)
        items = [item for page in pages for item in page["Items"]]
        return {item["id"]["S"]: {name: _plain(value) for name, value in item.items()} for item in items}

    def put(self, table=TABLE, **values):
        """Put an item with these numbers, strings and string sets into the table."""
        self.administrator.put_item(TableName=table, Item={name: _typed(value) for name, value in values.items()})

    def forget(self):
        """Empty the table."""
        for key in self.items():
            self.administrator.delete_item(TableName=TABLE, Key={"id": {"S": key}})

    @contextlib.contextmanager
    def checking(self):
        """Check the signature and permissions of every call. Meanwhile `items` and `put` don't work."""
        self._check_after("0")
        try:
            yield
        finally:
            self._check_after("inf")

    def _check_after(self, count):
        assert calls.call(self.endpoint, "POST", "/moto-api/reset-auth", count.encode(), key=None).status == 200

    def _temporary_credentials(self):
        """Return a role's credentials like a function's: with a session token."""
        iam = self.client("iam")
        role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=MAY_TAKE_ROLES)["Role"]
        iam.put_role_policy(RoleName="function", PolicyName="count", PolicyDocument=MAY_COUNT)
        given = self.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
            "AWS_REGION": self.region,
        }

    def client(self, service):
        """A client of another service."""
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test",
            aws_secret_access_key="test", config=botocore.config.Config(proxies={}),
        )  # fmt: skip


def _plain(value):
    ((kind, plain),) = value.items()
    return {"N": int, "S": str, "SS": sorted, "B": bytes}[kind](plain)


def _typed(value):
    kinds = {int: ("N", str), str: ("S", str), list: ("SS", list)}
    kind, convert = kinds[type(value)]
    return {kind: convert(value)}
