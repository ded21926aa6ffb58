"""The calls that `make try-deploy` makes to the deployed function, and the checks of their results."""

import os
import re
import subprocess
import time
import urllib.parse
import urllib.request

import network
import openai
from emulated_account import Wrong, check, client

REQUESTS_PER_DAY = 3  # as try_deploy.yaml has it
PATIENCE = 120  # Seconds, on a busy machine.


def say(line):
    print(line, flush=True)


class Uses:
    """The usage in the responses, and the counts in the stack's table."""

    def __init__(self, table):
        self.table = table
        self.tokens = 0

    def add(self, usage):
        self.tokens += usage.total_tokens

    def check(self, holds, expected):
        """Wait until a condition is true of the counts: tokens are counted after a response has ended."""
        deadline = time.monotonic() + PATIENCE
        while not holds(*(counted := self._counted())):
            check(time.monotonic() < deadline, f"the table has (requests, tokens) {counted}, not {expected}")
            time.sleep(0.1)
        return counted

    def _counted(self):
        items = client("dynamodb").scan(TableName=self.table)["Items"]
        days = [item for item in items if "#day#" in item["id"]["S"]]
        return tuple(sum(int(item.get(name, {}).get("N", 0)) for item in days) for name in ("requests", "tokens"))


def call(outputs, key):
    uses = Uses(outputs["LimitsTable"])
    url = http(outputs)
    network.name(urllib.parse.urlsplit(url).hostname)
    buffered = call_with_curl(outputs["Curl"], key, uses)
    sdk = openai.OpenAI(base_url=f"{url}/openai/v1", api_key=key, max_retries=0)
    refused(sdk.with_options(api_key="a-wrong-key"), openai.AuthenticationError, 401)
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
    uses.check(lambda *counted: counted == expected, expected)
    say(f"the table {uses.table} counted {expected[0]} requests and {expected[1]} tokens, as the answers say")
    return buffered


def call_with_curl(line, key, uses):
    """Run the command in the output `Curl` as it is, except for TLS."""
    line = line.replace("https://", "http://").replace("curl ", "curl -q --silent --show-error --dump-header - ", 1)
    environment = {"PATH": os.environ["PATH"], "PROXY_CLIENT_KEY": key}
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=120)
    head, _, body = done.stdout.replace("\r", "").partition("\n\n")
    check(" 200" in head.partition("\n")[0], f"curl got {done.stdout or done.stderr!r}")
    check(body.rstrip().endswith("data: [DONE]"), f"the stream has no end: {body[-200:]!r}")
    _, uses.tokens = uses.check(lambda requests, tokens: requests == 1 and tokens > 0, "(1, some)")
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


def read_log(outputs, secrets):
    """Check that the log has the record of each answered request, and no secret."""
    deadline = time.monotonic() + PATIENCE
    while True:
        lines = client("logs").filter_log_events(logGroupName=outputs["LogGroup"])["events"]
        log = "".join(line["message"] for line in lines)
        answered = len(re.findall(r'"http.response.status_code": ?200\b', log))
        if answered == REQUESTS_PER_DAY:
            break
        check(
            time.monotonic() < deadline, f"the log has {answered} records of answers in {outputs['LogGroup']}:\n{log}"
        )
        # The emulator collects the function's log only after the next request has been answered.
        urllib.request.urlopen(f"{http(outputs)}/health").close()
    check(not any(secret in log for secret in secrets), "a secret is in the log")
    say(f"the log {outputs['LogGroup']} has a record of each of the {answered} answers, and no secret")


def http(outputs):
    """The function's URL, without TLS."""
    return outputs["Url"].replace("https:", "http:")
