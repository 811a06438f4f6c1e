"""An identity provider of the tests' own, in a process of its own, on Authlib's server parts.

`python -m tests.identity_provider` prints its address and serves until it is ended. Whoever comes
is signed in at once as the person posted to `/become` (claims as JSON); `lie` there spoils the next
token: another `nonce`, `audience`, `issuer`, or the signature of another `key`.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2.authorization_server import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "award-dossiers", "a secret of the tests"
KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"}, private=True)


@dataclass
class Someone:
    """Who signs in at the provider."""

    claims: dict[str, Any]

    def get_user_id(self) -> str:
        return str(self.claims["sub"])


class TheClient(ClientMixin):
    """The one service that may ask."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/dang-nhap/nha-cung-cap/tro-ve")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """A code that was handed out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    user: Someone
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return "another" if now["lie"] == "nonce" else self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> str:
        return ""

    def get_amr(self) -> list[str]:
        return []


now: dict[str, Any] = {"user": Someone({"sub": "nobody"}), "lie": ""}
codes: dict[str, Code] = {}


class Grant(grants.AuthorizationCodeGrant):
    """Codes in memory."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as Authlib has it

    def save_authorization_code(self, code: str, asked: Any) -> None:
        data = asked.payload.data
        codes[code] = Code(
            code,
            asked.payload.redirect_uri,
            asked.payload.scope,
            data.get("nonce", ""),
            asked.user,
            data.get("code_challenge", ""),
            data.get("code_challenge_method", ""),
        )

    def query_authorization_code(self, code: str, _client: Any) -> Code | None:
        return codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Code) -> Someone:
        return authorization_code.user


class Words(OpenIDCode):
    """What the tokens say."""

    def exists_nonce(self, _nonce: str, _request: Any) -> bool:
        return False

    def resolve_client_private_key(self, _client: Any) -> RSAKey:
        return OTHER_KEY if now["lie"] == "key" else KEY

    def get_client_algorithm(self, _client: Any) -> str:
        return "RS256"

    def get_client_claims(self, _client: Any) -> dict[str, Any]:
        issuer = "http://elsewhere" if now["lie"] == "issuer" else now["issuer"]
        audience = "someone-else" if now["lie"] == "audience" else CLIENT
        return {"iss": issuer, "aud": [audience]}

    def get_encode_header(self, _client: Any) -> dict[str, str]:
        return {"alg": "RS256", "kid": "one"}

    def generate_user_info(self, user: Someone, _scope: str) -> UserInfo:
        return UserInfo(user.claims)


app = Flask(__name__)
server = AuthorizationServer(app, lambda _: TheClient(), lambda *_: None)
server.register_grant(Grant, [Words(require_nonce=True), CodeChallenge(required=True)])


@app.get("/.well-known/openid-configuration")
def discovery() -> ResponseReturnValue:
    here = now["issuer"]
    return jsonify(
        issuer=here,
        authorization_endpoint=f"{here}/authorize",
        token_endpoint=f"{here}/token",
        jwks_uri=f"{here}/jwks",
        id_token_signing_alg_values_supported=["RS256"],
        response_types_supported=["code"],
        subject_types_supported=["public"],
    )


@app.get("/jwks")
def jwks() -> ResponseReturnValue:
    return jsonify(keys=[KEY.as_dict(private=False)])


@app.get("/authorize")
def authorize() -> ResponseReturnValue:
    grant = server.get_consent_grant(end_user=now["user"])
    answer: ResponseReturnValue = server.create_authorization_response(
        grant=grant, grant_user=now["user"]
    )
    return answer


@app.post("/token")
def token() -> ResponseReturnValue:
    answer: ResponseReturnValue = server.create_token_response()
    return answer


@app.post("/become")
def become() -> ResponseReturnValue:
    asked = request.get_json()
    now["lie"] = asked.pop("lie", "")
    now["user"] = Someone(asked)
    return ""


if __name__ == "__main__":
    listening = make_server("127.0.0.1", 0, app, threaded=True)
    now["issuer"] = f"http://127.0.0.1:{listening.port}"
    print(now["issuer"], flush=True)  # noqa: T201 - whoever started it reads this
    listening.serve_forever()
