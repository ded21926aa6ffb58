"""Callers that API Gateway has checked, as each door's events name them."""

import dataclasses

import doors

COGNITO = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE01"
# Doors through which API Gateway vouches for callers.
VOUCHING = [doors.REST_API, doors.STREAMING_REST_API, doors.HTTP_API, doors.HTTP_API_1]
OTHERS = [door for door in doors.DOORS if door not in VOUCHING]


def claims(sub="a-user", iss=COGNITO, **more):
    """Claims as a Cognito or JWT authorizer passes them on: all of them are text."""
    told = {"iss": iss, "sub": sub, "client_id": "1example", "token_use": "id", **more}
    return {name: value for name, value in told.items() if value is not None}


def user(door, **changes):
    """The context of a request of a user."""
    told = {"claims": claims(**changes)}
    return {"authorizer": {"jwt": told} if door is doors.HTTP_API else told}


def principal(door, name="customer-42"):
    """The context of a request that a Lambda authorizer has allowed."""
    return {"authorizer": {"principalId": name, "integrationLatency": 5}}


def api_key(door, id="k3y1d00001"):
    """The context of a request with an API key of a usage plan."""
    return {"identity": {"apiKeyId": id, "apiKey": f"the-value-of-{id}", "sourceIp": "192.0.2.1", "userAgent": "test"}}


@dataclasses.dataclass(frozen=True)
class Kind:
    """How a caller is vouched for: `context` takes a door and a name."""

    name: str
    context: object
    doors: tuple

    def __str__(self):
        return self.name


REST_ONLY = (doors.REST_API, doors.STREAMING_REST_API)
KINDS = [
    Kind("user", lambda door, name: user(door, sub=name), tuple(VOUCHING)),
    Kind("Lambda authorizer", principal, REST_ONLY),
    Kind("API key", api_key, REST_ONLY),
]
CASES = [(kind, door) for kind in KINDS for door in kind.doors]
