"""Tables that people use: the shipped one, and those of the Node proxy."""

import re

import calls
import programs

# As its users wrote it, with values instead of dots.
FIRST_USERS = """
proxy:
  url: https://abcdefghijklmnopqrstuvwxyz.lambda-url.us-west-2.on.aws/replicate/v1
  token: api_key
  model: mistralai/mistral-7b-instruct-v0.2
openai:
  url: https://api.openai.com/v1
  token: sk-proj-1
  model: gpt-4o
mistral:
  url: https://api.mistral.ai/v1
  token: m-1
  model: mistral-large-latest
replicate:
  url: https://openai-proxy.replicate.com/v1
  token: r8_1
  model: mistralai/mistral-7b-instruct-v0.2
predibase:
  url: https://serving.app.predibase.com/028bc858/deployments/v2/llms/mistral-7b-instruct-v0-3/v1
  token: pb_1
  model: ""
ollama:
  url: http://127.0.0.1:11434/v1
  token: ollama_token
  model: mistral:latest
"""


def servers_for(proxy, key):
    """The servers that the error for an unknown name lists."""
    response = calls.call(proxy.origin, "GET", "/nosuch/v1/models", key=key)
    assert response.status == 404, response.body
    return set(re.findall("'/([^/']+)/v1'", response.error["message"]))


def test_the_table_of_the_node_proxys_users_loads_unchanged(start):
    proxy = start(FIRST_USERS)
    for name, token in {
        "proxy": "api_key",
        "openai": "sk-proj-1",
        "replicate": "r8_1",
        "ollama": "ollama_token",
    }.items():
        assert servers_for(proxy, token) == {name}


def test_the_shipped_table_is_closed_until_a_key_is_set(start):
    proxy = start((programs.ROOT / "openai_servers.yaml").read_text())
    for key in (None, "", "none", "${PROXY_CLIENT_KEY:-}"):
        assert calls.call(proxy.origin, "GET", "/local/v1/models", key=key).status == 401


def test_the_shipped_table_has_its_servers(start, model_url):
    text = (programs.ROOT / "openai_servers.yaml").read_text()
    proxy = start(text, PROXY_CLIENT_KEY="a-client-key-of-this-test", LOCAL_URL=model_url)
    expected = {"openai", "mistral", "replicate", "predibase", "gemini", "bedrock", "bedrock-openai", "ollama", "local"}
    assert servers_for(proxy, "a-client-key-of-this-test") == expected
    response = calls.call(proxy.origin, "GET", "/local/v1/models", key="a-client-key-of-this-test")
    assert response.json["data"][0]["id"] == "smollm2"
