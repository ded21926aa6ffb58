"""Users who log in: OpenID providers of others, the example page's server, and the forms that a person fills in."""

import contextlib
import functools
import http.server
import json
import socket
import threading

import boto3
import botocore.config
import programs

EXAMPLE = programs.ROOT / "examples/users"
PASSWORD = "Correct horse 1 battery!"
REGION = "us-east-1"


class Provider(programs.Program):
    """The example's own provider. Anybody may log in, and the tokens may have ended already."""

    def __init__(self, seconds=3600):
        python = programs.ROOT / ".venv/bin/python"
        super().__init__(python, EXAMPLE / "provider.py", 0, seconds, env=programs.environment())
        self.issuer = self.first_line("OpenID provider: ")

    def log_in(self, page, name):
        page.get_by_placeholder("sub").fill(name)
        page.get_by_role("button", name="Authorize").click()


class Cognito(programs.Program):
    """Cognito as ministack emulates it: it checks PKCE and the addresses of pages, and has refresh tokens.

    moto has Cognito's API, but neither its login page nor its token endpoint.
    """

    def __init__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.origin = f"http://127.0.0.1:{port}"
        python = programs.ROOT / ".build-ministack/bin/python"
        variables = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1"}
        server = programs.ROOT / "Tests/Deployment/ministack_program.py"
        super().__init__(python, server, merged=True, env=programs.environment(**variables))
        self.log_with("Running on http")
        self.api = boto3.client(
            "cognito-idp", endpoint_url=self.origin, region_name=REGION, aws_access_key_id="test",
            aws_secret_access_key="test", config=botocore.config.Config(proxies={}),
        )  # fmt: skip
        self.pool = self.api.create_user_pool(PoolName="users")["UserPool"]["Id"]
        # Real tokens have Cognito's name for the pool.
        self.issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool}"
        self.jwks_url = f"{self.origin}/{self.pool}/.well-known/jwks.json"
        self.api.create_group(UserPoolId=self.pool, GroupName="pro")

    def add_client(self, page="http://localhost/"):
        """Add a client as template.yaml makes it, for this page. Tokens live as shortly as Cognito allows."""
        made = self.api.create_user_pool_client(ClientName="page", GenerateSecret=False, **self._client(page))
        return made["UserPoolClient"]["ClientId"]

    def move_client(self, client, page):
        """The page's address is known only when the proxy, which must know the client, has started."""
        self.api.update_user_pool_client(ClientId=client, **self._client(page))

    def _client(self, page):
        return {
            "UserPoolId": self.pool, "CallbackURLs": [page], "LogoutURLs": [page], "AllowedOAuthFlows": ["code"],
            "AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthScopes": ["openid", "email", "profile"],
            "SupportedIdentityProviders": ["COGNITO"], "AccessTokenValidity": 5, "IdTokenValidity": 5,
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes"},
        }  # fmt: skip

    def add_user(self, name, *groups):
        user = {"UserPoolId": self.pool, "Username": name}
        email = [{"Name": "email", "Value": f"{name}@example.com"}, {"Name": "email_verified", "Value": "true"}]
        self.api.admin_create_user(**user, UserAttributes=email, MessageAction="SUPPRESS")
        self.api.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        for group in groups:
            self.api.admin_add_user_to_group(**user, GroupName=group)

    def log_in(self, page, name):
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()


def config(proxy, issuer, client="example", token="id"):
    """The example's config.json with other addresses."""
    made = json.loads((EXAMPLE / "config.json").read_text())
    return {**made, "proxy": proxy, "issuer": issuer, "client_id": client, "token": token}


class Handler(http.server.SimpleHTTPRequestHandler):
    """The files of the example, with another config.json."""

    def do_GET(self):
        if self.path != "/config.json":
            return super().do_GET()
        body = json.dumps(self.server.config).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(config):
    """Serve the example page; `config` is what its config.json says."""
    handler = functools.partial(Handler, directory=EXAMPLE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.config = config
        server.url = f"http://localhost:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
