"""An OpenID provider on loopback that signs whatever a test asks for."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import RSAKey

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT_ID, CLIENT_SECRET = "billing", "a secret: with/signs"

Json = dict[str, Any]


def new_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True)


@dataclass
class LoopbackProvider:
    """`mends` changes the claims before they are signed, `signs` how; both as the test wants."""

    now: Callable[[], float]
    key: RSAKey = field(default_factory=lambda: new_key("first"))
    published: list[RSAKey] = field(default_factory=list)
    mends: Callable[[Json], None] = lambda claims: None
    signs: Callable[["LoopbackProvider", Json], str] | None = None
    codes: dict[str, Json] = field(default_factory=dict)
    key_reads: int = 0
    down: bool = False

    async def start(self) -> None:
        app = web.Application()
        base = f"/{TENANT}/v2.0"
        app.router.add_get(f"{base}/.well-known/openid-configuration", self._describe)
        app.router.add_get(f"{base}/keys", self._keys)
        app.router.add_post(f"{base}/token", self._token)
        self._server = TestServer(app)
        await self._server.start_server()
        self.issuer = str(self._server.make_url(base))
        self.published = self.published or [self.key]

    async def stop(self) -> None:
        await self._server.close()

    def approves(self, location: str, **claims: Any) -> str:
        """The person signs in there: a code for the address the browser was sent to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = {"asked": asked, "claims": claims}
        return code

    async def _describe(self, request: web.Request) -> web.Response:
        if self.down:
            return web.Response(status=500)
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def _keys(self, request: web.Request) -> web.Response:
        self.key_reads += 1
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.published]})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        kept = self.codes.pop(str(form.get("code")), None)
        if kept is None or not _proves(kept["asked"], str(form.get("code_verifier"))):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.now())
        claims: Json = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "tid": TENANT,
            "iat": now,
            "exp": now + 300,
            "nonce": kept["asked"]["nonce"],
            "name": "Olga Petrov",
            "email": "olga@partner.example",
            "roles": ["Support.Agent"],
            **kept["claims"],
        }
        self.mends(claims)
        token = self.signs(self, claims) if self.signs else rs256(self.key, claims)
        return web.json_response({"id_token": token, "token_type": "Bearer", "access_token": "x"})


def rs256(key: RSAKey, claims: Json, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, claims, key)


def unsigned(provider: LoopbackProvider, claims: Json) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': provider.key.kid})}.{_part(claims)}."


def hs256_with_the_public_key(provider: LoopbackProvider, claims: Json) -> str:
    """The old confusion: the public key, which everybody has, taken for a shared secret."""
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': provider.key.kid})}.{_part(claims)}"
    secret = provider.key.as_pem(private=False)
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64(digest)}"


def _proves(asked: Json, verifier: str) -> bool:
    challenge = _base64(hashlib.sha256(verifier.encode()).digest())
    return (asked["code_challenge_method"], asked["code_challenge"]) == ("S256", challenge)


def _part(value: Json) -> str:
    return _base64(json.dumps(value).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
