"""DSPy, which calls through LiteLLM."""

import dspy
import question


def _model(url, key, **more):
    return dspy.LM(f"openai/{question.MODEL}", api_base=url, api_key=key, cache=False, **more)


def plain(url, key):
    return _model(url, key)(question.QUESTION)[0]


def embedding(url, key):
    model = f"openai/{question.EMBEDDING_MODEL}"
    return dspy.Embedder(model, api_base=url, api_key=key, caching=False)(["a"])[0].tolist()


def environment():
    return dspy.LM(f"openai/{question.MODEL}", cache=False)(question.QUESTION)[0]
