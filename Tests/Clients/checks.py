"""The checks for each client, and the expected results at the client and at the provider."""

import dataclasses
import json
import re

import provider
from question import MODEL

KEY = "the-client-key-of-this-run"
WRONG_KEY = "sk-a-key-that-opens-nothing"
ALIAS_KEY = "a-key-that-may-use-an-alias-only"
TOKEN = "the-token-of-the-provider"

# Each server of this table has its own path at the provider, which shows the base URL that a client used.
TABLE = f"""
tried:
  {{url: "UP/tried/v1", token: {TOKEN}, num_retries: 0, endpoints: [messages], model_aliases: {{fast: {MODEL}}}}}
environment:
  {{url: "UP/environment/v1", token: {TOKEN}, num_retries: 0, endpoints: [messages]}}
spent:
  {{url: "UP/spent/v1", token: {TOKEN}, num_retries: 0, endpoints: [messages], requests_per_day: 1}}
settings:
  virtual_keys:
    - {{name: tries, key: {KEY}}}
    - {{name: alias, key: {ALIAS_KEY}, allowed_models: [fast]}}
"""


class Wrong(Exception):
    """A sentence about an unexpected result."""


@dataclasses.dataclass
class Outcome:
    """What a client's function returned or raised, and the requests that reached the provider meanwhile."""

    requests: list
    value: object = None
    error: str = None
    text: str = ""

    def __str__(self):
        return f"{self.error}: {self.text}" if self.error else repr(self.value)


@dataclasses.dataclass(frozen=True)
class Check:
    """A call of a client's `function` with `base` after the proxy's address; the client's suffix is usually `/v1`.

    `works` is the table's entry for a success, if there is one; `shows_error` says whether it shows the exception.
    """

    name: str
    function: str
    judge: object
    base: str = "/tried{suffix}"
    key: str = KEY
    works: str = ""
    shows_error: bool = False


def _require(condition, outcome):
    if not condition:
        raise Wrong(str(outcome))


def _went_well(outcome):
    """Check that the provider got its own token and the right model, and never the client's key."""
    _require(not outcome.error, outcome)
    for request in outcome.requests:
        sent = repr(request.headers) + request.target + request.body.decode()
        if request.header("authorization") != f"Bearer {TOKEN}" or KEY in sent or ALIAS_KEY in sent:
            raise Wrong(f"the provider got another token, or the client's key: {sent}")
        if request.method == "POST" and request.json["model"] not in provider.MODELS:
            raise Wrong(f"the provider got another model: {sent}")
    if not outcome.requests:
        raise Wrong("nothing has reached the provider")


def is_answer(outcome):
    _went_well(outcome)
    _require(outcome.value == provider.TEXT, outcome)


def is_stream(outcome):
    _went_well(outcome)
    pieces = [piece for piece in outcome.value if piece]
    _require(len(pieces) > 1 and "".join(pieces).strip() == provider.TEXT, outcome)
    if not outcome.requests[-1].json.get("stream"):
        raise Wrong("the provider was not asked for a stream")


def is_tool_call(outcome):
    _went_well(outcome)
    name, arguments = outcome.value
    arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    _require((name, arguments) == ("get_weather", {"city": "Paris"}), outcome)


def is_embedding(outcome):
    _went_well(outcome)
    _require(outcome.value == provider.VECTOR, outcome)


def is_list_of_models(outcome):
    _went_well(outcome)
    _require(set(provider.MODELS) <= set(outcome.value), outcome)


def has_alias(outcome):
    _require(not outcome.error and "fast" in outcome.value, outcome)


def is_model_with_slash(outcome):
    _went_well(outcome)
    _require(outcome.value == "org/name", outcome)


def is_from_environment(outcome):
    is_answer(outcome)
    path = outcome.requests[-1].target
    if not path.startswith("/environment/v1/"):
        raise Wrong(f"the request went to {path}: the variables were not looked at")


def is_refusal(words):
    def judge(outcome):
        _require(outcome.error and not outcome.requests, outcome)
        _require(re.search(words, outcome.text), outcome)

    return judge


def is_preflight(outcome):
    """The headers that browser clients were seen to send."""
    _require(not outcome.error, outcome)
    allowed = {name.strip() for name in outcome.value.lower().split(",")}
    wanted = {"authorization", "content-type", "x-title", "http-referer", "x-client-request-id", "x-request-id"}
    wanted |= {"cache-control", "x-requested-with", "last-event-id", "x-stainless-retry-count"}
    if not wanted <= allowed:
        raise Wrong(f"a page may not send {', '.join(sorted(wanted - allowed))}")


CHECKS = [
    Check("answer", "plain", is_answer, works="answer"),
    Check("stream", "stream", is_stream, works="stream"),
    Check("tool call", "tool", is_tool_call, works="tool call"),
    Check("structured answer", "structured", is_tool_call, works="structured answer"),
    Check("embedding", "embedding", is_embedding, works="embedding"),
    Check("models", "models", is_list_of_models, works="models"),
    Check("one model", "model_with_slash", is_model_with_slash),
    Check("responses", "responses", is_answer, works="Responses API"),
    Check("responses as a stream", "responses_stream", is_stream),
    Check("environment variables", "environment", is_from_environment),
    Check("alias", "alias", is_answer, key=ALIAS_KEY),
    Check("models by alias", "models", has_alias, key=ALIAS_KEY),
    Check("byte order mark", "byte_order_mark", is_answer),
    Check("preflight", "preflight", is_preflight),
    Check("base URL with a slash at its end", "plain", is_answer, base="/tried{suffix}/"),
    Check("base URL with two slashes", "plain", is_answer, base="//tried{suffix}"),
    Check("models with two slashes", "models", is_list_of_models, base="/tried{suffix}//"),
    Check("base URL without /v1", "plain", is_refusal(r"/tried/v1(?!/)"), base="/tried"),
    Check("base URL with the endpoint", "plain", is_refusal(r"/tried/v1(?!/)"), base="/tried/v1/chat/completions"),
    Check("wrong key", "plain", is_refusal("Incorrect API key provided"), key=WRONG_KEY, shows_error=True),
    # This is the last check, because a client that keeps retrying is killed.
    Check("limit of a day", "plain", is_refusal("(?i)limit"), base="/spent{suffix}", shows_error=True),
]
