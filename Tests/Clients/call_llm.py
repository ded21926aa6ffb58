"""The command `llm` and its library: a model at another address is an entry in a file."""

import os
import pathlib

import click
import llm
import question
from click.testing import CliRunner
from llm.cli import cli


def _describe(url):
    folder = pathlib.Path(os.environ["HOME"]) / "llm"
    folder.mkdir(exist_ok=True)
    os.environ["LLM_USER_PATH"] = str(folder)
    entry = f"- model_id: proxy\n  model_name: {question.MODEL}\n  api_base: {url}\n"
    entry += "  api_key_name: proxy\n  supports_tools: true\n"  # Without a name for the key, no key is sent.
    (folder / "extra-openai-models.yaml").write_text(entry)


def plain(url, key):
    _describe(url)
    result = CliRunner().invoke(cli, ["--model", "proxy", "--key", key, "--no-stream", question.QUESTION])
    if result.exit_code:
        raise click.ClickException(result.output)
    return result.output.strip()


def stream(url, key):
    _describe(url)
    return list(llm.get_model("proxy").prompt(question.QUESTION, key=key))


def tool(url, key):
    def get_weather(city: str) -> str:
        """The weather in a city."""

    _describe(url)
    call = llm.get_model("proxy").prompt(question.QUESTION, key=key, tools=[get_weather]).tool_calls()[0]
    return call.name, call.arguments
