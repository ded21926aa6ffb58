"""Checks who sent a request to AWS: Signature Version 4, calculated by botocore, or a Bedrock API key.

A request that AWS would refuse is refused in AWS's words.
"""

import dataclasses
import datetime
import hashlib
import re
from urllib.parse import urlsplit

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/, ]+)/(\d{8})/([^/, ]+)/([^/, ]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)
SKEW = datetime.timedelta(minutes=5)


class Refused(Exception):
    """An error of AWS: its name, which is also in the response's header, its status and its text."""

    def __init__(self, status, kind, message):
        super().__init__(f"{kind}: {message}")
        self.status, self.kind, self.message = status, kind, message


@dataclasses.dataclass
class Account:
    """Whose requests are accepted: those with temporary credentials like a function's, or with an API key."""

    access_key: str = "ASIATESTTESTTESTTEST"
    secret_key: str = "the/secret+of/the/tests"
    session_token: str = "IQoJb3JpZ2luX2VjEOftheTests//+=="
    api_key: str = "bedrock-api-key-of-the-tests"
    regions: tuple = ("us-east-1", "us-west-2", "eu-central-1")
    service: str = "bedrock"
    ahead: datetime.timedelta = datetime.timedelta(0)

    @property
    def variables(self):
        """The environment of a program that signs."""
        named = {"ACCESS_KEY_ID": self.access_key, "SECRET_ACCESS_KEY": self.secret_key}
        return {f"AWS_{name}": value for name, value in {**named, "SESSION_TOKEN": self.session_token}.items()}

    def now(self):
        """The time by AWS's clock."""
        return datetime.datetime.now(datetime.timezone.utc) + self.ahead

    def check(self, request):
        """Return the region that a request is signed for; None if it has an API key."""
        given = request.header("authorization")
        if given is None:
            raise Refused(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        if given.startswith("Bearer "):
            return self._check_api_key(given.removeprefix("Bearer "))
        found = AUTHORIZATION.fullmatch(given)
        if not found:
            raise Refused(403, "IncompleteSignatureException", f"Authorization header is not complete: {given[:16]}")
        key, date, region, service, names, signature = found.groups()
        if key != self.access_key or (request.header("x-amz-security-token") or "") != self.session_token:
            raise Refused(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        self._check_scope(region, service)
        self._check_date(request.header("x-amz-date") or "", date)
        self._check_names(request, names.split(";"))
        if signature != self._signature(request, names.split(";"), region, service):
            raise _invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details."
            )
        return region

    def _check_api_key(self, key):
        if key != self.api_key:
            text = "Authentication failed: Please make sure your API Key is valid."
            raise Refused(403, "AccessDeniedException", text)

    def _check_scope(self, region, service):
        if region not in self.regions:
            raise _invalid("Credential should be scoped to a valid region. ")
        if service != self.service:
            raise _invalid(f"Credential should be scoped to correct service: '{self.service}'. ")

    def _check_date(self, stamp, date):
        try:
            signed = datetime.datetime.strptime(stamp, SIGV4_TIMESTAMP).replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            text = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
            raise Refused(403, "IncompleteSignatureException", text) from None
        now = self.now()
        if not stamp.startswith(date):
            raise _invalid(f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: {stamp}")
        if signed < now - SKEW:
            limit = (now - SKEW).strftime(SIGV4_TIMESTAMP)
            raise _invalid(f"Signature expired: {stamp} is now earlier than {limit} (- 5 min.)")
        if signed > now + SKEW:
            limit = (now + SKEW).strftime(SIGV4_TIMESTAMP)
            raise _invalid(f"Signature not yet current: {stamp} is still later than {limit} (+ 5 min.)")

    def _check_names(self, request, names):
        """Check the list of signed headers: all came, and those that must be signed are among them."""
        received = request.header_names
        required = {"host"} | {name for name in received if name.startswith("x-amz-")}
        if names != sorted(set(names)) or not set(names) <= received or not required <= set(names):
            raise _invalid(f"The signed headers {names} are not those of the request.")

    def _signature(self, request, names, region, service):
        """Calculate it from the path as it arrived, the signed headers, and the body that came."""
        target = urlsplit(request.target)
        assert not target.scheme and not target.netloc, request.target
        made = AWSRequest(request.method, f"http://{request.header('host')}{request.target}", data=request.body)
        made.context["timestamp"] = request.header("x-amz-date")
        for name in names:
            made.headers[name] = request.header(name)
        claimed = request.header("x-amz-content-sha256")
        if claimed not in (None, hashlib.sha256(request.body).hexdigest()):
            raise _invalid("The value of x-amz-content-sha256 is not the SHA-256 of the body.")
        signer = SigV4Auth(Credentials(self.access_key, self.secret_key, self.session_token), service, region)
        return signer.signature(signer.string_to_sign(made, signer.canonical_request(made)), made)


def _invalid(message):
    return Refused(403, "InvalidSignatureException", message)
