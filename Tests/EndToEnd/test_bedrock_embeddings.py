"""Embeddings of models on Bedrock, with OpenAI's SDK."""

import base64
import struct

import bedrock_answers as says
import calls
import embedding_models
import openai
import pytest
import records

TITAN, COHERE = "amazon.titan-embed-text-v2:0", "cohere.embed-english-v3"
MODELS = [
    TITAN, "amazon.titan-embed-text-v1", COHERE, "cohere.embed-multilingual-v3", "cohere.embed-v4:0",
    "amazon.nova-2-multimodal-embeddings-v1:0",
]  # fmt: skip
TEXTS = ["a first text", "ein zweiter", "日本語 😀", "a first text"]


@pytest.fixture
def models(bedrock):
    bedrock.always = embedding_models.answer
    return bedrock


def expected(model, texts, dimensions=None):
    size = dimensions or embedding_models.dimensions(model, {})
    return [embedding_models.vector(text, size) for text in texts]


@pytest.mark.parametrize("format", [{}, {"encoding_format": "float"}], ids=["the SDK's default", "float"])
@pytest.mark.parametrize("texts", [TEXTS[:1], TEXTS], ids=["one", "several"])
@pytest.mark.parametrize("model", MODELS)
def test_each_model_embeds_texts_in_their_order(models, bedrock_sdk, model, texts, format):
    got = bedrock_sdk().embeddings.create(model=model, input=texts, **format)
    assert [list(entry.embedding) for entry in got.data] == expected(model, texts)
    assert [entry.index for entry in got.data] == list(range(len(texts))) and got.model == model
    count = sum(map(embedding_models.tokens, texts))
    assert (got.usage.prompt_tokens, got.usage.total_tokens) == (count, count)
    asked = 0
    while not models.saw_nothing:
        models.request()
        asked += 1
    assert asked == (1 if "cohere" in model else len(texts))


def test_a_text_that_is_no_list(models, bedrock_sdk):
    got = bedrock_sdk().embeddings.create(model=TITAN, input="a")
    assert [list(entry.embedding) for entry in got.data] == expected(TITAN, ["a"])


def test_base64_is_that_of_32_bit_floats(models, bedrock_proxy):
    body = {"model": TITAN, "input": "a", "encoding_format": "base64", "dimensions": 256}
    answer = calls.call(bedrock_proxy.origin, "POST", "/bedrock/v1/embeddings", body).json
    assert answer["object"] == "list" and answer["data"][0]["object"] == "embedding"
    data = base64.b64decode(answer["data"][0]["embedding"])
    assert list(struct.unpack("<256f", data)) == embedding_models.vector("a", 256)


@pytest.mark.parametrize("model, dimensions", [(TITAN, 512), ("cohere.embed-v4:0", 256), (MODELS[-1], 384)])
def test_dimensions_are_the_models(models, bedrock_sdk, model, dimensions):
    got = bedrock_sdk().embeddings.create(model=model, input=TEXTS, dimensions=dimensions)
    assert [list(entry.embedding) for entry in got.data] == expected(model, TEXTS, dimensions)


def test_more_texts_than_fit_into_a_call(models, bedrock_sdk):
    texts = [f"text {number}" for number in range(200)]
    got = bedrock_sdk().embeddings.create(model=COHERE, input=texts)
    assert [list(entry.embedding) for entry in got.data] == expected(COHERE, texts)
    sizes = [len(models.request().json["texts"]) for _ in range(3)]
    assert sorted(sizes) == [8, 96, 96] and models.saw_nothing


def test_what_cohere_distinguishes_is_passed_on(models, bedrock_sdk):
    bedrock_sdk().embeddings.create(model=COHERE, input="a", extra_body={"input_type": "search_query"})
    bedrock_sdk().embeddings.create(model=COHERE, input="a")
    assert [models.request().json["input_type"] for _ in range(2)] == ["search_query", "search_document"]


def test_tokens_are_refused_without_asking_bedrock(models, bedrock_sdk):
    with pytest.raises(openai.BadRequestError) as caught:
        bedrock_sdk().embeddings.create(model=TITAN, input=[1, 2, 3])
    assert caught.value.param.startswith("input") and models.saw_nothing


def test_a_chat_model_does_not_embed(models, bedrock_sdk):
    with pytest.raises(openai.APIStatusError) as caught:
        bedrock_sdk().embeddings.create(model="us.amazon.nova-lite-v1:0", input="a")
    assert caught.value.status_code in (400, 404) and models.saw_nothing


def test_the_tokens_of_all_calls_are_recorded(models, bedrock_proxy):
    response = calls.call(
        bedrock_proxy.origin, "POST", "/priced/v1/embeddings", {"model": TITAN, "input": ["a b", "c d e"]}
    )
    record = records.of(bedrock_proxy, response)
    assert record["gen_ai.usage.input_tokens"] == 5 and record["gen_ai.operation.name"] == "embeddings"
    assert record["cost"] == pytest.approx(0.005)


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_if_one_call_fails_all_fail(bedrock, bedrock_sdk, failing):
    scripts = [embedding_models.answer] * 3
    scripts[failing] = says.failure("ValidationException", "This text is refused.")
    bedrock.script(*scripts)
    with pytest.raises(openai.BadRequestError, match="This text is refused"):
        bedrock_sdk().embeddings.create(model=TITAN, input=["a", "b", "c"])
    bedrock.always = embedding_models.answer
    bedrock.scripts = type(bedrock.scripts)()
    assert bedrock_sdk().embeddings.create(model=TITAN, input="a").data
