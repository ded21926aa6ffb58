"""docs/clients.md has the clients that `make try-clients` tries."""

import json
import pathlib

import checks
import client_table
import clients
import provider
import pytest
from question import MODEL

HERE = pathlib.Path(clients.__file__).parent


def test_the_rows_are_in_the_order_of_the_list():
    assert client_table.tried() == [client.title for client in clients.CLIENTS]


def test_each_calling_file_belongs_to_a_client():
    assert {client.file for client in clients.CLIENTS} == {file.name for file in HERE.glob("call_*.py")}


@pytest.mark.parametrize("client", clients.CLIENTS, ids=lambda client: client.title)
def test_the_row_shows_the_settings_of_the_list(client):
    """They may only change together with a run that has tried them."""
    row = client_table.rows()[client.title]
    for text in (client_table.setting(client), client_table.remark(client)):
        assert f" {text} |" in row


class Request:
    """A request that reached the provider."""

    method = "POST"
    target = "/tried/v1/chat/completions"

    def __init__(self, token=checks.TOKEN, model=MODEL, **more):
        self.json = {"model": model, **more}
        self.body = json.dumps(self.json).encode()
        self.headers = [("Authorization", f"Bearer {token}")]

    def header(self, name):
        return dict(self.headers).get(name.title())


ANSWER = {"value": provider.TEXT}
STREAM = {"value": provider.PIECES}
STREAMED = Request(stream=True)


def test_a_client_that_works_passes():
    checks.is_answer(checks.Outcome([Request()], **ANSWER))
    checks.is_stream(checks.Outcome([STREAMED], **STREAM))


@pytest.mark.parametrize(
    ("judge", "requests", "outcome"),
    [
        (checks.is_answer, [Request()], {"value": "Something else."}),
        (checks.is_answer, [Request()], {"error": "APIError", "text": provider.TEXT}),
        (checks.is_answer, [], ANSWER),
        (checks.is_answer, [Request(token=checks.KEY)], ANSWER),
        (checks.is_answer, [Request(user=checks.KEY)], ANSWER),
        (checks.is_answer, [Request(model="another")], ANSWER),
        (checks.is_stream, [STREAMED], {"value": [provider.TEXT]}),
        (checks.is_stream, [Request()], STREAM),
        (checks.is_tool_call, [Request()], {"value": ["get_weather", {"city": "Rome"}]}),
        (checks.is_from_environment, [Request()], ANSWER),
        (checks.is_refusal("Incorrect"), [], {"error": "AuthenticationError", "text": "No."}),
        (checks.is_refusal("Incorrect"), [Request()], {"error": "AuthenticationError", "text": "Incorrect"}),
        (checks.is_refusal("Incorrect"), [], ANSWER),
    ],
)
def test_a_client_that_does_not_work_fails(judge, requests, outcome):
    with pytest.raises(checks.Wrong):
        judge(checks.Outcome(requests, **outcome))
