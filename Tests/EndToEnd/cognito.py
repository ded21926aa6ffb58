"""Amazon Cognito as moto serves it: user pools whose users log in and get real ID and access tokens."""

import itertools

import moto_server

PASSWORD = "Correct-horse-battery-1"
NUMBERS = itertools.count(1)


class Pool:
    """A user pool with one app client."""

    def __init__(self, moto):
        self.moto = moto
        self.client = moto.client("cognito-idp")
        self.id = self.client.create_user_pool(PoolName="pool")["UserPool"]["Id"]
        self.app = self.new_app()

    @property
    def name(self):
        """The `iss` of its tokens, at AWS's own address."""
        return f"https://cognito-idp.{moto_server.REGION}.amazonaws.com/{self.id}"

    @property
    def jwks_url(self):
        return f"{self.moto.endpoint}/{self.id}/.well-known/jwks.json"

    def new_app(self):
        """The ID of another app client."""
        created = self.client.create_user_pool_client(
            UserPoolId=self.id, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )
        return created["UserPoolClient"]["ClientId"]

    def log_in(self, name=None, *groups, app=None):
        """Log in somebody, who is created before; return the tokens by use: `id` and `access`."""
        name = name or f"user-{next(NUMBERS)}"
        user = {"UserPoolId": self.id, "Username": name}
        self.client.admin_create_user(**user, MessageAction="SUPPRESS")
        self.client.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        for group in groups:
            self.client.create_group(UserPoolId=self.id, GroupName=group)
            self.client.admin_add_user_to_group(**user, GroupName=group)
        result = self.client.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH", ClientId=app or self.app,
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]  # fmt: skip
        return {"id": result["IdToken"], "access": result["AccessToken"]}

    def entry(self, **more):
        """Its entry in the table."""
        return {"issuer": self.name, "jwks_url": self.jwks_url, **more}
