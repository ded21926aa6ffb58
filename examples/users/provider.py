"""An OpenID provider on this machine, where anybody may log in under any name: provider.py [PORT [SECONDS]]

SECONDS is how long its tokens are valid. oidc-provider-mock is made for servers; a page has no secret, and needs
permission to call another origin (CORS). Refresh tokens are off, because it would return no ID token for them.
"""

import datetime
import os
import sys

import flask_cors
import oidc_provider_mock
import werkzeug.serving
from authlib.oauth2 import rfc6749

USERS = [
    oidc_provider_mock.User(sub="ada", claims={"email": "ada@example.com", "plan": "pro"}),
    oidc_provider_mock.User(sub="bob", claims={"email": "bob@example.com"}),
]


def main(port=9400, seconds=3600):
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # It is for this machine only.
    rfc6749.AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS = ["none"]
    lifetime = datetime.timedelta(seconds=seconds)
    app = oidc_provider_mock.app(user_claims=USERS, issue_refresh_token=False, access_token_max_age=lifetime)
    flask_cors.CORS(app)
    server = werkzeug.serving.make_server("127.0.0.1", port, app, threaded=True)
    print(f"OpenID provider: http://localhost:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
