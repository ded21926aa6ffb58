"""LangChain's package for OpenAI."""

import question
from langchain_openai import ChatOpenAI, OpenAIEmbeddings


def _model(url, key, **more):
    return ChatOpenAI(model=question.MODEL, base_url=url, api_key=key, **more)


def plain(url, key):
    return _model(url, key).invoke(question.QUESTION).content


def stream(url, key):
    return [chunk.content for chunk in _model(url, key).stream(question.QUESTION)]


def tool(url, key):
    call = _model(url, key).bind_tools([question.WEATHER]).invoke(question.QUESTION).tool_calls[0]
    return call["name"], call["args"]


def embedding(url, key):
    # Otherwise it splits texts into tokens itself, with a table that it downloads.
    options = {"check_embedding_ctx_length": False}
    return OpenAIEmbeddings(model=question.EMBEDDING_MODEL, base_url=url, api_key=key, **options).embed_query("a")


def responses(url, key):
    return _model(url, key, use_responses_api=True).invoke(question.QUESTION).content[0]["text"]


def environment():
    return ChatOpenAI(model=question.MODEL).invoke(question.QUESTION).content
