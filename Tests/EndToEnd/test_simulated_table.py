"""The simulated DynamoDB table of `simulate`, compared with moto, which others wrote."""

import json
import random
import subprocess

import calls
import moto_server
import programs
import pytest
import table_calls

pytestmark = pytest.mark.debug_only

COUNT = 1000
# Of the calls, how many are wrong.
WRONG = 0.3


def simulated(asked):
    """The answers of the simulated table to these calls in a row, as status and body."""
    lines = [json.dumps({"operation": operation, "call": body}) for operation, body in asked]
    program = subprocess.run(
        [programs.BUILD / "simulate", "table"], input="\n".join(lines), env=programs.environment(),
        capture_output=True, encoding="utf-8", timeout=programs.PATIENCE,
    )  # fmt: skip
    assert program.returncode == 0, program.stderr
    answers = [json.loads(line) for line in program.stdout.splitlines()]
    return [(answer["status"], answer["answer"]) for answer in answers]


def asked_of_moto(dynamodb, operation, body):
    fields = {
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261127/eu-west-1/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }  # fmt: skip
    answer = calls.call(dynamodb.endpoint, "POST", "/", body, headers=fields, key=None)
    return answer.status, answer.body


def comparable(body):
    """An answer without what may differ: an error's message and namespace, the order of sets, the capacity."""
    if "__type" in body:
        kept = {"__type": body["__type"].rpartition("#")[2], **{k: v for k, v in body.items() if k == "Item"}}
    else:
        kept = {name: value for name, value in body.items() if not name.startswith("ConsumedCapacity")}
    for item in (kept.get("Item"), kept.get("Attributes")):
        for value in (item or {}).values():
            if "SS" in value:
                value["SS"].sort()
    return kept


def key_of(body):
    return body.get("Key") or {"id": body["Item"]["id"]}


def refused_by_moto(dynamodb, operation, body, key):
    """Whether moto refuses a call. The item with this key is as before afterwards.

    DynamoDB carries out a call as a whole or not at all. moto may create the item, or do a part of an update, and then
    find what is wrong. It answers 500 to some bad syntax.
    """
    address = {"TableName": moto_server.TABLE, "Key": key}
    old = json.loads(asked_of_moto(dynamodb, "GetItem", address)[1]).get("Item")
    status, _ = asked_of_moto(dynamodb, operation, body)
    if old:
        asked_of_moto(dynamodb, "PutItem", {"TableName": moto_server.TABLE, "Item": old})
    else:
        asked_of_moto(dynamodb, "DeleteItem", address)
    return status >= 400


@pytest.mark.parametrize("seed", range(2))
def test_the_simulated_table_answers_as_moto_does(dynamodb, seed):
    """After each wrong call the whole item is read, because it must not have changed."""
    generator = table_calls.Calls(seed, moto_server.TABLE)
    rng = random.Random(seed)
    asked = []
    while len(asked) < COUNT:
        call = generator.call()
        wrong = table_calls.spoiled(call, rng) if rng.random() < WRONG else None
        key = key_of(call[1])
        read = ("GetItem", {"TableName": moto_server.TABLE, "Key": key})
        asked += [(call, None)] if wrong is None else [(wrong, key), (read, None)]
    answers = simulated([call for call, _ in asked])
    for ((operation, body), spoiled_key), (status, answer) in zip(asked, answers, strict=True):
        if spoiled_key:
            assert status == 400, (operation, body, answer)
            assert refused_by_moto(dynamodb, operation, body, spoiled_key), (operation, body, answer)
        else:
            found, text = asked_of_moto(dynamodb, operation, body)
            assert (status, comparable(answer)) == (found, comparable(json.loads(text))), (operation, body)
