"""What `make try-deploy` does where there is no network but loopback: deploy, call, count, delete. try_deploy.py FOLDER

The folder has what `sam build` made, and gets the logs. The first thing that isn't as it should be ends the run.
"""

import collections
import contextlib
import json
import os
import pathlib
import platform
import re
import secrets
import subprocess
import sys
import urllib.parse

import boto3
import botocore.config
import guided
import network
import openai
import programs

FOLDER = pathlib.Path(sys.argv[1])
HERE = pathlib.Path(__file__).resolve().parent
STACK, REGION = "proxy", "eu-west-1"
AWS = "http://127.0.0.1:80"
SAM = pathlib.Path(sys.executable).with_name("sam")
KEY, TOKEN = f"key-{secrets.token_hex(16)}", f"token-{secrets.token_hex(16)}"
REQUESTS_PER_DAY = 3  # as try_deploy.yaml has it
# For whoever reads the machine's settings or its account: there is none.
PLAIN = {"PATH": os.environ["PATH"], "HOME": str(FOLDER), "TMPDIR": str(FOLDER), "LANG": "C.UTF-8"}
ACCOUNT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
AS_USER = {
    **PLAIN, **ACCOUNT, "AWS_ENDPOINT_URL": AWS, "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0",
    "SAM_CLI_POLL_DELAY": "0.5", "TERM": "dumb", "AWS_DEFAULT_REGION": REGION,
}  # fmt: skip


class Wrong(Exception):
    """A sentence about what must not be."""


def check(holds, sentence):
    if not holds:
        raise Wrong(sentence)


def say(line):
    print(line, flush=True)


def client(service):
    return boto3.client(
        service, endpoint_url=AWS, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test",
        config=botocore.config.Config(proxies={}),
    )  # fmt: skip


@contextlib.contextmanager
def started(port, *command, **variables):
    """A program that serves this port."""
    program = programs.Program(*command, env={**PLAIN, **variables}, merged=True)
    try:
        if not network.is_served(port, lambda: programs.is_alive(program.process.pid)):
            raise Wrong(f"nobody serves port {port}: {program.log}")
        yield program
    finally:
        program.stop()


def deploy():
    """Answer as the README says."""
    none = dict.fromkeys(("MistralKey", "ReplicateToken", "PredibaseToken", "GeminiKey"), "none")
    hidden = {f"Parameter {name}": value for name, value in {"ClientKey": KEY, "OpenAIKey": TOKEN, **none}.items()}
    answers = {
        **hidden, "Stack Name": STACK, "AWS Region": REGION,
        "Proxy Function Url has no authentication. Is this okay?": "y",
        "Parameter Architecture": "arm64" if platform.machine() == "aarch64" else "x86_64",
    }  # fmt: skip
    asked, screen = guided.run([SAM, "deploy", "--guided"], answers, FOLDER, AS_USER)
    (FOLDER / "deploy.log").write_text(screen)
    check(set(answers) <= set(asked), f"sam did not ask for {sorted(set(answers) - set(asked))}")
    check(KEY not in screen and TOKEN not in screen, "sam showed a secret")
    say(f"  answered {len(asked)} questions")
    stack = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    check(stack["StackStatus"] == "CREATE_COMPLETE", f"the stack is {stack['StackStatus']}")
    made = client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    kinds = collections.Counter(resource["ResourceType"].removeprefix("AWS::") for resource in made)
    say("  made " + ", ".join(f"{count} × {kind}" for kind, count in sorted(kinds.items())))
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


class Uses:
    """What the answers said was used, and what the stack's table says."""

    def __init__(self, table):
        self.table = table
        self.tokens = 0

    def add(self, usage):
        self.tokens += usage.total_tokens

    def counted(self):
        items = client("dynamodb").scan(TableName=self.table)["Items"]
        days = [item for item in items if "#day#" in item["id"]["S"]]
        return tuple(sum(int(item.get(name, {}).get("N", 0)) for item in days) for name in ("requests", "tokens"))


def call(outputs):
    uses = Uses(outputs["LimitsTable"])
    url = outputs["Url"].replace("https:", "http:")
    network.name(urllib.parse.urlsplit(url).hostname)
    buffered = call_with_curl(outputs["Curl"], uses)
    sdk = openai.OpenAI(base_url=f"{url}/openai/v1", api_key=KEY, max_retries=0)
    refused(sdk.with_options(api_key="a wrong key"), openai.AuthenticationError, 401)
    plain = ask(sdk)
    uses.add(plain.usage)
    say(f"OpenAI's SDK, plain: {plain.choices[0].message.content!r}")
    chunks = list(ask(sdk, stream=True, stream_options={"include_usage": True}))
    uses.add(chunks[-1].usage)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    check(text and len(chunks) > 2, "the stream has no text, or not in pieces")
    say(f"OpenAI's SDK, streamed: {text!r} in {len(chunks)} chunks")
    refused(sdk, openai.RateLimitError, 429)
    expected = REQUESTS_PER_DAY, uses.tokens
    check(uses.counted() == expected, f"the table counted {uses.counted()}, the answers say {expected}")
    say(f"the table {outputs['LimitsTable']} counted {expected[0]} requests and {expected[1]} tokens, as the answers say")
    return buffered


def call_with_curl(line, uses):
    """Run the line of the output `Curl` as it is, but for TLS."""
    line = line.replace("https://", "http://").replace("curl ", "curl --silent --show-error --dump-header - ", 1)
    done = subprocess.run(
        ["sh", "-c", line], env={**PLAIN, "PROXY_CLIENT_KEY": KEY}, capture_output=True, text=True, timeout=60
    )
    head, _, body = done.stdout.replace("\r", "").partition("\n\n")
    check(" 200" in head.partition("\n")[0], f"curl got {done.stdout or done.stderr!r}")
    check(body.rstrip().endswith("data: [DONE]"), f"the stream has no end: {body[-200:]!r}")
    requests, tokens = uses.counted()
    check(requests == 1 and tokens > 0, f"the table counted {requests} requests and {tokens} tokens for one of curl's")
    uses.tokens = tokens
    say(f"curl, the line of the output Curl: {head.partition(chr(10))[0]}, {body.count('data: ') - 1} chunks")
    return re.search("(?im)^content-length:", head)


def ask(sdk, **more):
    question = [{"role": "user", "content": "Say hello."}]
    return sdk.chat.completions.create(model="smollm2", messages=question, max_tokens=12, **more)


def refused(sdk, error, status):
    try:
        ask(sdk)
    except error as answer:
        say(f"OpenAI's SDK, refused: {status} {answer.code}: {answer.body['message']}")
    else:
        raise Wrong(f"a request that should get {status} was answered")


def read_log(outputs):
    """The record of each request is in the log, and no secret."""
    logs = client("logs").filter_log_events(logGroupName=outputs["LogGroup"])["events"]
    lines = "".join(event["message"] for event in logs)
    records = lines.count('"_aws"')
    check(KEY not in lines and TOKEN not in lines, "a secret is in the log")
    check(records == REQUESTS_PER_DAY + 2, f"the log has {records} records in {outputs['LogGroup']}:\n{lines}")
    say(f"the log {outputs['LogGroup']} has a record of each of the {records} requests, and no secret")


def delete(made):
    command = [SAM, "delete", "--no-prompts"]
    done = subprocess.run(command, cwd=FOLDER, env=AS_USER, capture_output=True, text=True, timeout=120)
    (FOLDER / "delete.log").write_text(done.stdout + done.stderr)
    check(done.returncode == 0, f"sam delete ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    left = {kind: names for kind, names in there().items() if names}
    check(not left, f"the deleted stack has left behind: {left}")
    say(f"  nothing is left of {sum(map(len, made.values()))} things")


def there():
    """Return what an account has of what the template makes, by kind, and what was uploaded."""
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
        "uploads": [
            file["Key"] for bucket in buckets for file in client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
        ],
    }


def main():
    network.bring_up(FOLDER)
    emulator = (FOLDER.parent / ".build-ministack/bin/python", HERE / "ministack_program.py")
    model = (sys.executable, programs.ROOT / "scripts/model_server.py", "--port", "8080")
    with started(8080, *model), started(80, *emulator, GATEWAY_PORT="80", AUTH="true", **ACCOUNT) as aws:
        try:
            say("sam deploy --guided")
            outputs = deploy()
            made = there()
            check(all(made.values()), f"something that the template makes is missing: {made}")
            buffered = call(outputs)
            read_log(outputs)
            say("sam delete --no-prompts")
            delete(made)
        finally:
            (FOLDER / "ministack.log").write_text(aws.log)
    say("What this can't show, because ministack hasn't got it:")
    for lack in lacks(aws.log, buffered):
        say(f"  - {lack}")


def lacks(log, buffered):
    yield "TLS: https:// of the outputs was called as http://"
    if buffered:
        yield "streaming: the answers came as one, with a Content-Length"
    for alarm in re.findall("^STAND-IN (.*)$", log, re.MULTILINE):
        yield f"alarms over several metrics: {alarm} was made over its first metric alone"
    yield "Amazon Linux: the program ran on this machine's system, with its memory and time not limited"


if __name__ == "__main__":
    try:
        main()
    except (Wrong, guided.Failed, AssertionError) as failure:
        sys.exit(f"make try-deploy failed, the logs are in {FOLDER}: {failure}")
