"""The workflows of examples/step-functions, run by ministack's Step Functions, with the program as a Lambda function.

`test_in_a_network` runs it. The stack is made from the template and the definitions as they are in the repository.
"""

import contextlib
import io
import json
import re
import threading
import time
import zipfile

import answers
import calls
import network
import pages
import programs
import pytest
from ministack_server import REGION, ROOT, client, running

FOLDER = programs.ROOT / "examples/step-functions"
TABLE = """
openai: {{url: "{up}/v1", model: table-model, num_retries: 0}}
settings: {{direct_invocation: {{allowed_servers: [openai]}}}}
"""
LIMIT = 2  # Of the workflow Map.


@pytest.fixture(scope="session")
def aws(tmp_path_factory):
    """Clients of the emulator: `aws("stepfunctions")`. It doesn't wait before it repeats a task."""
    network.bring_up(tmp_path_factory.mktemp("network"))
    with running(SFN_WAIT_SCALE="0") as address:
        yield lambda service: client(address, service)


@pytest.fixture(scope="session")
def function(aws, session_upstream):
    """The program, with the table in its zip as it is deployed."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.write(programs.BOOTSTRAP, "bootstrap")
        file.writestr("openai_servers.yaml", TABLE.format(up=session_upstream.origin))
    made = aws("lambda").create_function(
        FunctionName="proxy", Runtime="provided.al2023", Handler="bootstrap", Timeout=programs.PATIENCE,
        Role="arn:aws:iam::000000000000:role/proxy", Code={"ZipFile": package.getvalue()},
    )  # fmt: skip
    return made["FunctionArn"]


@pytest.fixture(scope="session")
def stack(aws, function):
    """The outputs of the stack: the workflows' ARNs, by name."""
    aws("s3").create_bucket(Bucket="definitions")
    for definition in FOLDER.glob("*.asl.json"):
        aws("s3").put_object(Bucket="definitions", Key=definition.name, Body=definition.read_bytes())
    # As `sam deploy` rewrites it.
    template = (FOLDER / "template.yaml").read_text().replace("DefinitionUri: ", "DefinitionUri: s3://definitions/")
    values = {"ProxyFunctionArn": function, "MaxConcurrency": str(LIMIT)}
    cloudformation = aws("cloudformation")
    cloudformation.create_stack(
        StackName="flows", TemplateBody=template, Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
    )  # fmt: skip
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="flows", WaiterConfig={"Delay": 0.1, "MaxAttempts": 10 * programs.PATIENCE})
    (made,) = cloudformation.describe_stacks(StackName="flows")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}


class Run:
    """A finished run of a workflow."""

    def __init__(self, states, arn, **given):
        run = states.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]
        deadline = time.monotonic() + programs.PATIENCE
        while (end := states.describe_execution(executionArn=run))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} is still running"
            time.sleep(0.05)
        self.events = states.get_execution_history(executionArn=run, maxResults=1000)["events"]
        self.status, self.error, self.cause = end["status"], end.get("error"), end.get("cause")
        self.output = json.loads(end["output"]) if self.status == "SUCCEEDED" else None

    @property
    def entered(self):
        return [e["stateEnteredEventDetails"]["name"] for e in self.events if e["type"].endswith("StateEntered")]

    @property
    def tasks(self):
        """What became of the calls: None, or the error's name."""
        ends = [e for e in self.events if e["type"] in ("TaskSucceeded", "TaskFailed")]
        return [e.get("taskFailedEventDetails", {}).get("error") for e in ends]

    @property
    def most_open_tasks(self):
        most = open_ = 0
        for event in self.events:
            open_ += {"TaskScheduled": 1, "TaskSucceeded": -1, "TaskFailed": -1}.get(event["type"], 0)
            most = max(most, open_)
        return most


@pytest.fixture
def run(aws, stack, upstream):
    """Run a workflow to its end: `run("Chain", topic="tea")`."""
    return lambda workflow, **given: Run(aws("stepfunctions"), stack[workflow], **given)


def says(text):
    return answers.plain(answers.completion(text))


def prompt(exchange):
    return exchange.request.json["messages"][-1]["content"]


def throttle(exchange):
    answers.plain(answers.error("Slow down.", code="rate_limit_exceeded"), 429)(exchange)


def refuse(exchange):
    answers.plain(answers.error("The prompt is too long."), 400)(exchange)


@pytest.fixture
def documented(aws, monkeypatch):
    """The functions of the Python example in docs/workflows.md."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws("lambda").meta.endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for name, value in ROOT.items():
        monkeypatch.setenv(name, value)
    (block,) = [block for block in pages.page("docs/workflows.md").blocks if block.language == "python"]
    names = {}
    exec(block.text, names)
    return names


def test_the_documented_python_code_invokes_the_function(documented, function, upstream):
    upstream.script(says("Hello"), refuse)
    assert documented["ask"](function, "Hi") == "Hello"
    with pytest.raises(RuntimeError, match=r"^Function\.InvalidRequest: 400 .*The prompt is too long"):
        documented["ask"](function, "Hi")


def test_a_chain_puts_the_first_answer_into_the_second_question(run, upstream):
    upstream.script(says("1. Leaves"), says("Tea is made of leaves."))
    done = run("Chain", topic="tea")
    assert done.output == {"outline": "1. Leaves", "article": "Tea is made of leaves."}
    assert done.entered == ["Outline", "Article"] and done.tasks == [None, None]
    first, second = upstream.request(), upstream.request()
    assert first.target == "/v1/chat/completions" and first.json["model"] == "table-model"
    assert "about tea" in first.json["messages"][0]["content"]
    assert second.json["messages"][0]["content"].endswith("points:\n\n1. Leaves")


def test_a_chain_with_a_real_model(run, upstream, model_url):
    """The scripted upstream, whose address the table has, passes the questions on."""

    def relay(exchange):
        asked = {**exchange.request.json, "model": "smollm2", "max_tokens": 12}
        got = calls.call(model_url.removesuffix("/v1"), "POST", "/v1/chat/completions", asked, key=None)
        exchange.answer(200, answers.JSON, got.body)

    upstream.script(relay, relay)
    done = run("Chain", topic="tea")
    assert done.output["outline"].strip() and done.output["article"].strip()


@pytest.mark.parametrize(
    "failure, error",
    [
        (throttle, "Function.UpstreamThrottled"),
        (answers.plain(answers.error("Overloaded."), 503), "Function.UpstreamUnavailable"),
        (lambda exchange: exchange.reset(), "Function.UpstreamUnavailable"),
        (answers.plain(answers.error("Too slow."), 504), "Function.UpstreamTimeout"),
    ],
    ids=["throttled", "overloaded", "reset", "slow"],
)
def test_a_workflow_repeats_a_call_that_may_succeed_later(run, upstream, failure, error):
    upstream.script(failure, says("1. Leaves"), says("Tea."))
    done = run("Chain", topic="tea")
    assert done.output["article"] == "Tea."
    assert done.tasks == [error, None, None]


def test_a_workflow_gives_up_after_six_repetitions(run, upstream):
    upstream.always = throttle
    done = run("Chain", topic="tea")
    assert (done.status, done.error) == ("FAILED", "Function.UpstreamThrottled")
    assert done.tasks == 7 * ["Function.UpstreamThrottled"]
    assert json.loads(done.cause)["errorMessage"].startswith("429 ")


def test_a_refused_request_is_caught_by_its_name_and_not_repeated(run, upstream):
    upstream.script(refuse)
    done = run("Chain", topic="tea")
    assert done.status == "SUCCEEDED" and re.match("400 .*The prompt is too long", done.output["refused"])
    assert done.entered == ["Outline", "Refused"] and done.tasks == ["Function.InvalidRequest"]


def test_an_error_without_a_catch_ends_the_workflow_under_its_name(run, upstream):
    upstream.script(answers.plain(answers.error("Wrong token."), 401))
    done = run("Chain", topic="tea")
    assert (done.status, done.error, done.tasks) == ("FAILED", "Function.UpstreamDenied", ["Function.UpstreamDenied"])


def test_a_call_that_takes_too_long_ends_in_a_timeout(aws, stack, upstream):
    """The workflow of the stack, but with less time."""
    states, over = aws("stepfunctions"), threading.Event()
    definition = states.describe_state_machine(stateMachineArn=stack["Chain"])["definition"]
    hasty, count = re.subn('"TimeoutSeconds": 120', '"TimeoutSeconds": 1', definition)
    assert count == 2
    made = states.create_state_machine(name="hasty", definition=hasty, roleArn="arn:aws:iam::000000000000:role/hasty")

    def slow(exchange):
        exchange.wait(over)
        with contextlib.suppress(OSError):
            says("Too late.")(exchange)

    upstream.script(slow)
    done = Run(states, made["stateMachineArn"], topic="tea")
    over.set()
    assert (done.status, done.error, done.tasks) == ("FAILED", "States.Timeout", ["States.Timeout"])


def test_parallel_questions_are_open_at_the_same_time_and_become_one_result(run, upstream):
    together = threading.Barrier(3, timeout=programs.PATIENCE)

    def answer(exchange):
        together.wait()
        kind = next(word for word in ("headline", "Summarize", "keywords") if word in prompt(exchange))
        says(f"The {kind.lower()}")(exchange)

    upstream.always = answer
    done = run("Parallel", text="Tea is made of leaves.")
    assert done.output == {"headline": "The headline", "summary": "The summarize", "keywords": "The keywords"}


def test_a_parallel_question_that_fails_ends_the_workflow(run, upstream):
    upstream.always = lambda exchange: (refuse if "headline" in prompt(exchange) else says("Fine"))(exchange)
    done = run("Parallel", text="Tea")
    assert (done.status, done.error) == ("FAILED", "ParallelFailed")
    assert json.loads(done.cause)["Error"] == "Function.InvalidRequest"


def test_a_map_has_no_more_open_questions_than_its_limit(run, upstream):
    pairs, counted = threading.Barrier(LIMIT, timeout=programs.PATIENCE), threading.Lock()
    texts, open_, most = [f"text {number}" for number in range(3 * LIMIT)], 0, 0

    def answer(exchange):
        nonlocal open_, most
        with counted:
            open_ += 1
            most = max(most, open_)
        pairs.wait()
        with counted:
            open_ -= 1
        says(prompt(exchange).splitlines()[-1].upper())(exchange)

    upstream.always = answer
    done = run("Map", texts=texts)
    assert done.output == [{"summary": text.upper()} for text in texts]
    assert (most, done.most_open_tasks) == (LIMIT, LIMIT)


def test_a_text_that_fails_does_not_end_the_others(run, upstream):
    upstream.always = lambda exchange: (refuse if "bad" in prompt(exchange) else says("Fine"))(exchange)
    done = run("Map", texts=["good", "bad"])
    assert done.output == [{"summary": "Fine"}, {"error": "Function.InvalidRequest"}]


def test_a_map_of_one_text_has_a_list_of_one_result(run, upstream):
    upstream.script(says("Fine"))
    assert run("Map", texts=["good"]).output == [{"summary": "Fine"}]


def test_the_cache_answers_until_its_entry_expires(run, aws, upstream):
    upstream.script(says("42"), says("43"))
    before = time.time()
    first, again = run("Cache", prompt="What is the answer?"), run("Cache", prompt="What is the answer?")
    assert first.output == {"answer": "42", "cached": False}
    assert again.output == {"answer": "42", "cached": True}
    assert again.entered == ["Key", "Look up", "Fresh?", "Stored answer"]

    dynamodb = aws("dynamodb")
    (table,) = dynamodb.list_tables()["TableNames"]
    (entry,) = dynamodb.scan(TableName=table)["Items"]
    assert entry["answer"] == {"S": "42"} and int(entry["expires"]["N"]) >= int(before) + 86400
    dynamodb.put_item(TableName=table, Item={**entry, "expires": {"N": str(int(before) - 1)}})
    assert run("Cache", prompt="What is the answer?").output == {"answer": "43", "cached": False}
    assert run("Cache", prompt="What is the answer?").output == {"answer": "43", "cached": True}


def test_another_prompt_is_another_entry_of_the_cache(run, upstream):
    upstream.script(says("1"), says("2"))
    assert [run("Cache", prompt=text).output["answer"] for text in ("one", "two", "one")] == ["1", "2", "1"]
