"""LiteLLM as a program: asks Bedrock at this origin each of the requests on stdin, a JSON object by names.

It prints what came of each as a line of JSON. Each request has its name in the header `x-case`.
"""

import json
import sys

import litellm

origin, requests = sys.argv[1], json.load(sys.stdin)
litellm.drop_params = True
litellm.suppress_debug_info = True
for name, request in requests.items():
    try:
        answer = litellm.completion(
            **{**request, "model": f"bedrock/converse/{request['model']}"},
            aws_bedrock_runtime_endpoint=origin, aws_region_name="us-east-1", num_retries=0, max_retries=0,
            extra_headers={"x-case": name},
        )  # fmt: skip
        outcome = {"answer": [c.model_dump() for c in answer] if request.get("stream") else answer.model_dump()}
    except Exception as error:
        outcome = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps({"name": name, **outcome}), flush=True)
