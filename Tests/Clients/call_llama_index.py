"""LlamaIndex: `OpenAILike`, or `OpenAI` if that is installed, which knows only OpenAI's own models."""

import question
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool

try:
    from llama_index.llms.openai_like import OpenAILike

    KIND = OpenAILike
    OPTIONS = {"is_chat_model": True, "is_function_calling_model": True}
except ImportError:
    from llama_index.embeddings.openai import OpenAIEmbedding
    from llama_index.llms.openai import OpenAI

    KIND = OpenAI
    OPTIONS = {}

    def embedding(url, key):
        return OpenAIEmbedding(model_name=question.EMBEDDING_MODEL, api_base=url, api_key=key).get_text_embedding("a")


MESSAGES = [ChatMessage(role="user", content=question.QUESTION)]


def _model(url, key):
    return KIND(model=question.MODEL, api_base=url, api_key=key, **OPTIONS)


def plain(url, key):
    return _model(url, key).chat(MESSAGES).message.content


def stream(url, key):
    return [part.delta for part in _model(url, key).stream_chat(MESSAGES)]


def tool(url, key):
    def get_weather(city: str) -> str:
        """The weather in a city."""

    model = _model(url, key)
    answer = model.chat_with_tools([FunctionTool.from_defaults(get_weather)], user_msg=question.QUESTION)
    call = model.get_tool_calls_from_response(answer)[0]
    return call.tool_name, call.tool_kwargs


def environment():
    return KIND(model=question.MODEL, **OPTIONS).chat(MESSAGES).message.content
