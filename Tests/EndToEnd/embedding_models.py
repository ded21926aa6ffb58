"""The embedding models of Bedrock that InvokeModel calls: what they accept, and what they answer.

The vector of a text is made from its hash, so that a test can tell which text it belongs to.
"""

import hashlib
import json
import struct

from aws_account import Refused

# The default dimensions of each family of models, and the keys of its requests: required, optional.
FAMILIES = {
    "amazon.titan-embed-text-v2": (1024, {"inputText"}, {"dimensions", "normalize", "embeddingTypes"}),
    "amazon.titan-embed-text-v1": (1536, {"inputText"}, set()),
    "amazon.titan-embed-g1-text": (1536, {"inputText"}, set()),
    "cohere.embed-v4": (
        1536, {"texts", "input_type"}, {"truncate", "embedding_types", "output_dimension", "max_tokens"},
    ),
    "cohere.embed-english-v3": (1024, {"texts", "input_type"}, {"truncate", "embedding_types"}),
    "cohere.embed-multilingual-v3": (1024, {"texts", "input_type"}, {"truncate", "embedding_types"}),
    "amazon.nova-2-multimodal-embeddings-v1": (3072, {"schemaVersion", "taskType", "singleEmbeddingParams"}, set()),
}  # fmt: skip
DIMENSIONS = {
    "amazon.titan-embed-text-v2": (256, 512, 1024),
    "cohere.embed-v4": (256, 512, 1024, 1536),
    "amazon.nova-2-multimodal-embeddings-v1": (256, 384, 1024, 3072),
}
MOST_TEXTS = 96


def family(model_id):
    for name in FAMILIES:
        if name in model_id:
            return name
    raise Refused(400, "ValidationException", "The provided model identifier is invalid.")


def check(model_id, body):
    name = family(model_id)
    _, required, optional = FAMILIES[name]
    for key in sorted(required - set(body)):
        raise _malformed(f"required key [{key}] not found")
    for key in sorted(set(body) - required - optional):
        raise _malformed(f"extraneous key [{key}] is not permitted")
    if name.startswith("cohere"):
        _check_cohere(body)
    elif "nova" in name:
        _check_nova(body)
    elif body.get("embeddingTypes", ["float"]) != ["float"] or not isinstance(body.get("normalize", True), bool):
        raise _malformed("#/embeddingTypes or #/normalize")
    size = dimensions(model_id, body)
    if name in DIMENSIONS and size not in DIMENSIONS[name]:
        raise _malformed(f"#/dimensions: {size} is not a valid enum value")
    if not all(isinstance(text, str) and text for text in texts(body)):
        raise _malformed("expected minLength: 1, actual: 0")


def _malformed(what):
    text = f"Malformed input request: {what}, please reformat your input and try again."
    return Refused(400, "ValidationException", text)


def _check_cohere(body):
    kinds = ("search_document", "search_query", "classification", "clustering")
    if body["input_type"] not in kinds or body.get("embedding_types", ["float"]) != ["float"]:
        raise _malformed("#/input_type or #/embedding_types is not a valid enum value")
    if body.get("truncate", "NONE") not in ("NONE", "START", "END", "LEFT", "RIGHT"):
        raise _malformed("#/truncate is not a valid enum value")
    if not 1 <= len(body["texts"]) <= MOST_TEXTS:
        raise _malformed(f"#/texts: expected maximum item count: {MOST_TEXTS}, found: {len(body['texts'])}")


def _check_nova(body):
    given = body["singleEmbeddingParams"]
    if body["taskType"] != "SINGLE_EMBEDDING" or body["schemaVersion"] != "nova-multimodal-embed-v1":
        raise _malformed("#/taskType or #/schemaVersion is not a valid enum value")
    if not set(given) <= {"embeddingPurpose", "embeddingDimension", "text"} or "embeddingPurpose" not in given:
        raise _malformed("#/singleEmbeddingParams")
    text = given["text"]
    if set(text) != {"truncationMode", "value"} or text["truncationMode"] not in ("START", "END", "NONE"):
        raise _malformed("#/singleEmbeddingParams/text")


def texts(body):
    if "texts" in body:
        return body["texts"]
    return [body["inputText"] if "inputText" in body else body["singleEmbeddingParams"]["text"]["value"]]


def dimensions(model_id, body):
    given = body.get("dimensions", body.get("output_dimension"))
    given = given or body.get("singleEmbeddingParams", {}).get("embeddingDimension")
    return given or FAMILIES[family(model_id)][0]


def vector(text, size):
    """Return numbers that 32-bit floats can hold exactly."""
    seed = hashlib.sha256(text.encode()).digest()
    return [struct.unpack("<b", seed[place % 32 : place % 32 + 1])[0] / 128 for place in range(size)]


def tokens(text):
    return len(text.split())


def answer(exchange):
    """Answer any accepted request: the script for `Bedrock.always`."""
    body, size = exchange.request.json, dimensions(exchange.model, exchange.request.json)
    vectors = [vector(text, size) for text in texts(body)]
    count = sum(map(tokens, texts(body)))
    headers = [("Content-Type", "application/json")]
    if "texts" in body:
        headers.append(("x-amzn-bedrock-input-token-count", str(count)))
        by_type = {"float": vectors} if "embedding_types" in body else vectors
        kind = "embeddings_by_type" if "embedding_types" in body else "embeddings_floats"
        made = {"id": "1", "texts": body["texts"], "embeddings": by_type, "response_type": kind}
    elif "inputText" in body:
        made = {"embedding": vectors[0], "inputTextTokenCount": count}
        if "v2" in exchange.model:
            made["embeddingsByType"] = {"float": vectors[0]}
    else:
        headers.append(("x-amzn-bedrock-input-token-count", str(count)))
        made = {"embeddings": [{"embeddingType": "TEXT", "embedding": vectors[0]}]}
    exchange.answer(200, headers, json.dumps(made).encode())
