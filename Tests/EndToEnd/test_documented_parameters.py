"""Holds the table of parameters in docs/bedrock.md against what Bedrock gets from the real program.

Tests/Deployment/test_docs.py checks that the table is complete.
"""

import re

import answers
import calls
import pages
import pytest

pytestmark = pytest.mark.debug_only

ROWS = dict(re.findall(r"^\| `(\w+)` \| \*\*(.+?)\*\*", pages.page("docs/bedrock.md").prose, re.MULTILINE))
CLAUDE, NOVA = "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.amazon.nova-lite-v1:0"

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
TOOLS = {"tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}]}
CACHED = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
THOUGHT = {"type": "thinking", "thinking": "Hm", "signature": "c2lnbmF0dXJl"}

# A value that isn't the default for each parameter, with what it needs beside it.
SAMPLES = {
    "additional_model_request_fields": {"additional_model_request_fields": {"top_k": 5}},
    "audio": {"audio": {"voice": "alloy", "format": "mp3"}},
    "cache_control": {"messages": [{"role": "user", "content": [CACHED]}]},
    "frequency_penalty": {"frequency_penalty": 0.5},
    "function_call": {"function_call": "auto"},
    "functions": {"functions": [{"name": "f", "parameters": SCHEMA}]},
    "logit_bias": {"logit_bias": {"50256": -100}},
    "logprobs": {"logprobs": True},
    "max_completion_tokens": {"max_completion_tokens": 5},
    "max_tokens": {"max_tokens": 5},
    "metadata": {"metadata": {"team": "search"}},
    "modalities": {"modalities": ["text", "audio"]},
    "moderation": {"moderation": {"model": "omni-moderation-latest"}},
    "n": {"n": 2},
    "parallel_tool_calls": {**TOOLS, "parallel_tool_calls": False},
    "prediction": {"prediction": {"type": "content", "content": "Hello"}},
    "presence_penalty": {"presence_penalty": 0.5},
    "prompt_cache_key": {"prompt_cache_key": "k"},
    "prompt_cache_options": {"prompt_cache_options": {"mode": "explicit"}},
    "prompt_cache_retention": {"prompt_cache_retention": "24h"},
    "reasoning_effort": {"reasoning_effort": "high"},
    "response_format": {
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}
    },
    "safety_identifier": {"safety_identifier": "u"},
    "seed": {"seed": 1},
    "service_tier": {"service_tier": "flex"},
    "stop": {"stop": "END"},
    "store": {"store": True},
    "stream": {"stream": True},
    "temperature": {"temperature": 0.5},
    "thinking": {"thinking": {"type": "enabled", "budget_tokens": 2048}},
    "thinking_blocks": {
        "messages": [
            *calls.MESSAGES,
            {"role": "assistant", "content": "Hello", "thinking_blocks": [THOUGHT]},
            *calls.MESSAGES,
        ]
    },
    "tool_choice": {**TOOLS, "tool_choice": "required"},
    "tools": TOOLS,
    "top_logprobs": {"top_logprobs": 2},
    "top_p": {"top_p": 0.5},
    "user": {"user": "u"},
    "verbosity": {"verbosity": "low"},
    "web_search_options": {"web_search_options": {}},
}
# The first two are in each request, and the last changes only the response.
NOT_COMPARED = {"messages", "model", "stream_options"}


@pytest.fixture(scope="module")
def ask(start, session_upstream):
    """Return a function that sends a chat, and returns the response with the path and body that Bedrock got, if any."""
    table = f"bedrock: {{provider: bedrock, url: '{session_upstream.origin}', token: a-token-of-this-test}}\n"
    proxy = start(table + "settings: {virtual_keys: [{name: tests, key: '${TEST_KEY}'}]}\n")

    def ask(body):
        session_upstream.always = answers.plain(
            {"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}, "stopReason": "end_turn"}
        )
        response = calls.call(proxy.origin, "POST", "/bedrock/v1/chat/completions", body)
        if session_upstream.saw_nothing:
            return response, None
        request = session_upstream.request()
        return response, (request.target, request.json)

    return ask


def without(name, value):
    """Return a body without a member, wherever it is."""
    if isinstance(value, list):
        return [without(name, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: without(name, item) for key, item in value.items() if key != name}


def changes(ask, name, model):
    """Whether Bedrock gets something else if a request has this parameter."""
    body = {"model": model, "messages": calls.MESSAGES, **SAMPLES[name]}
    (_, sent), (_, base) = ask(body), ask(without(name, body))
    assert sent and base
    return sent != base


def test_every_row_of_the_table_is_compared():
    assert set(SAMPLES) | NOT_COMPARED == set(ROWS)


@pytest.mark.parametrize("name", [name for name in SAMPLES if ROWS.get(name) == "Sent"])
def test_what_is_sent_changes_the_request(ask, upstream, name):
    assert changes(ask, name, CLAUDE) and changes(ask, name, NOVA)


@pytest.mark.parametrize("name", [name for name in SAMPLES if ROWS.get(name) == "Dropped"])
def test_what_is_dropped_changes_nothing(ask, upstream, name):
    assert not changes(ask, name, CLAUDE) and not changes(ask, name, NOVA)


@pytest.mark.parametrize("name", [name for name in SAMPLES if ROWS.get(name) == "By model"])
def test_what_depends_on_the_model_changes_the_request_for_some(ask, upstream, name):
    assert changes(ask, name, CLAUDE) and not changes(ask, name, NOVA)


@pytest.mark.parametrize("name", [name for name in SAMPLES if ROWS.get(name) == "Refused"])
def test_what_is_refused_does_not_reach_bedrock(ask, upstream, name):
    for model in (CLAUDE, NOVA):
        response, sent = ask({"model": model, "messages": calls.MESSAGES, **SAMPLES[name]})
        assert (response.status, sent) == (400, None)
        assert (response.error["code"], response.error["param"]) == ("unsupported_parameter", name)
