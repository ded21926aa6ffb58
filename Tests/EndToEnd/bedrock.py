"""A scripted Bedrock on loopback. A script answers a request only if AWS would have accepted the request.

Signatures are checked as in `aws_account`, and bodies as in `converse_rules` and `embedding_models`. Scripts are in
`bedrock_answers`.
"""

import email.utils
import json
import re
from urllib.parse import unquote

import converse_rules
import embedding_models
import upstream
from aws_account import Account, Refused

OPERATIONS = {"converse": "Converse", "converse-stream": "ConverseStream", "invoke": "InvokeModel"}
TARGET = re.compile(r"/model/([^/?]+)/(converse|converse-stream|invoke)")


class Exchange(upstream.Exchange):
    """A request to Bedrock: `operation` and `model` are those of the URL, `region` that of the signature."""

    operation = model = region = None

    def __init__(self, request, connection, bedrock):
        super().__init__(request, connection)
        self.bedrock = bedrock

    @property
    def _always(self):
        """What every response of AWS has."""
        number = f"00000000-0000-4000-8000-{self.bedrock.count:012}"
        return [("Date", email.utils.format_datetime(self.bedrock.account.now(), True)), ("x-amzn-RequestId", number)]

    def start(self, status=200, headers=(), reason="OK"):
        super().start(status, [*self._always, *headers], reason)

    def answer(self, status, headers, body, reason="OK"):
        super().answer(status, [*self._always, *headers], body, reason)

    def fail(self, status, kind, message):
        """Answer with an error in AWS's format."""
        named = f"{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", named)]
        self.answer(status, headers, json.dumps({"message": message}).encode())


class Bedrock(upstream.Upstream):
    """`account` is who may call it. `refusals` are the requests that AWS wouldn't have accepted, with the reasons."""

    def __init__(self, tls=None, port=0):
        super().__init__(tls, port)
        self.account = Account()
        self.refusals = []
        self.count = 0

    def forget(self):
        """Return the scripts' failures and the refusals that no test has looked at."""
        refusals, self.refusals, self.account = self.refusals, [], Account()
        return super().forget() + refusals

    def refused(self):
        """The oldest refusal that wasn't returned yet: the name of AWS's error."""
        return self.refusals.pop(0).kind

    def _run(self, exchange):
        self.count += 1
        asked = Exchange(exchange.request, exchange.connection, self)
        try:
            self._check(asked)
        except Refused as refusal:
            self.requests.put(asked.request)
            self.refusals.append(refusal)
            asked.fail(refusal.status, refusal.kind, refusal.message)
        else:
            super()._run(asked)
        exchange.closed = asked.closed

    def _check(self, exchange):
        request = exchange.request
        exchange.region = self.account.check(request)
        if request.target.startswith("/openai/v1/"):
            return
        found = TARGET.fullmatch(request.target)
        if request.method != "POST" or not found:
            raise Refused(404, "UnknownOperationException", f"{request.method} {request.target}")
        exchange.model, exchange.operation = unquote(found[1]), OPERATIONS[found[2]]
        try:
            body = request.json
        except ValueError:
            raise Refused(400, "SerializationException", "The body is not JSON.") from None
        if exchange.operation == "InvokeModel":
            embedding_models.check(exchange.model, body)
        else:
            converse_rules.check(exchange.operation, exchange.model, body)
