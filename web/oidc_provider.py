"""An OpenID provider: what it says of itself, its keys, codes for tokens, and whom they name.

Nothing a provider sends is believed before its signature, issuer, audience, nonce and time are.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from authlib.oauth2.rfc6749 import parameters  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from accounts.identities import Identity

TIMEOUT = aiohttp.ClientTimeout(total=3)
MAX_BYTES = 256 * 1024
MAX_SUBJECT = 255
ALGORITHMS = ["RS256", "PS256", "ES256"]
SKEW_S = 60
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class ProviderDown(Exception):
    """It does not answer, or not sensibly: try again later."""


class NotProven(Exception):
    """Whoever it is, it is not proven; the message is for the log."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`issuer` exactly as the provider writes it."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in under way; all but `going_to` are random."""

    state: str
    nonce: str
    verifier: str
    going_to: str


@dataclass(frozen=True, slots=True)
class Proven:
    identity: Identity
    name: str
    email: str
    roles: object
    """The claim as it came."""


class Provider:
    """`close` lets go of the connections."""

    def __init__(self, settings: OidcSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._session: aiohttp.ClientSession | None = None
        self._metadata: dict[str, Any] | None = None
        self._keys: KeySet | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def where_to_sign_in(self, flow: Flow, redirect_uri: str) -> str:
        """Raises ProviderDown."""
        metadata = await self._described()
        return str(
            parameters.prepare_grant_uri(
                metadata["authorization_endpoint"],
                self._settings.client_id,
                "code",
                redirect_uri=redirect_uri,
                scope="openid profile email",
                state=flow.state,
                nonce=flow.nonce,
                code_challenge=create_s256_code_challenge(flow.verifier),
                code_challenge_method="S256",
            )
        )

    async def prove(self, code: str, flow: Flow, redirect_uri: str) -> Proven:
        """Who comes back with that code. Raises ProviderDown or NotProven."""
        token = await self._token(code, flow, redirect_uri)
        claims = await self._claims(token)
        self._check(claims, flow.nonce)
        return Proven(
            Identity(self._settings.issuer, str(claims.get("tid", "")), claims["sub"]),
            name=_text(claims, "name"),
            email=_text(claims, "email") or _text(claims, "preferred_username"),
            roles=claims.get("roles"),
        )

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=SKEW_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            azp={"value": self._settings.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            registry.validate(claims)
        except (JoseError, TypeError) as error:
            raise NotProven(str(error)) from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
            raise NotProven("several audiences and no azp")
        if len(claims["sub"]) > MAX_SUBJECT:
            raise NotProven("sub is too long")
        self._check_tenant(claims)

    def _check_tenant(self, claims: Mapping[str, Any]) -> None:
        """Entra names the tenant in the issuer and in `tid`: they are the same, or it is forged."""
        tenant = _GUID.search(urlsplit(self._settings.issuer).path)
        if tenant and str(claims.get("tid", "")).lower() != tenant[0].lower():
            raise NotProven("tid is another tenant")

    async def _claims(self, token: str) -> dict[str, Any]:
        """What a token of theirs says; keys are read again, once, for one that is not known."""
        try:
            kid = jws.extract_compact(token.encode()).headers().get("kid")
            key = _key(await self._known_keys(), kid) or _key(
                await self._known_keys(anew=True), kid
            )
            if key is None:
                raise NotProven("no such key")
            return jwt.decode(token, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotProven(str(error)) from error

    async def _known_keys(self, anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            metadata = await self._described()
            found = await self._json("GET", metadata["jwks_uri"])
            try:
                signing = [key for key in found["keys"] if key.get("use", "sig") == "sig"]
                asymmetric = [key for key in signing if key.get("kty") in ("RSA", "EC")]
                self._keys = KeySet.import_key_set({"keys": asymmetric})
            except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise ProviderDown("its keys cannot be read") from error
        return self._keys

    async def _token(self, code: str, flow: Flow, redirect_uri: str) -> str:
        metadata = await self._described()
        body = parameters.prepare_token_request(
            "authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=flow.verifier
        )
        headers, more = self._client_authentication(metadata)
        answer = await self._json(
            "POST", metadata["token_endpoint"], body + more, headers, refusal=NotProven
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotProven("no id_token")
        return token

    def _client_authentication(self, metadata: Mapping[str, Any]) -> tuple[dict[str, str], str]:
        """In a header where the provider takes it, as most do; else in the body."""
        known, secret = self._settings.client_id, self._settings.client_secret
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods:
            basic = aiohttp.encode_basic_auth(quote(known, safe=""), quote(secret, safe=""))
            return headers | {"Authorization": basic}, ""
        return headers, f"&client_id={quote(known, safe='')}&client_secret={quote(secret, safe='')}"

    async def _described(self) -> dict[str, Any]:
        if self._metadata is None:
            base = self._settings.issuer.rstrip("/")
            metadata = await self._json("GET", f"{base}/.well-known/openid-configuration")
            if metadata.get("issuer") != self._settings.issuer:
                raise ProviderDown("it describes another issuer")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(isinstance(metadata.get(name), str) for name in wanted):
                raise ProviderDown("its description lacks an address")
            self._metadata = metadata
        return self._metadata

    async def _json(
        self,
        method: str,
        url: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        refusal: type[Exception] = ProviderDown,
    ) -> dict[str, Any]:
        """The object it answers; `refusal` is raised for a status of 4xx."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                if 400 <= answer.status < 500:
                    raise refusal(f"{urlsplit(url).path} answered {answer.status}")
                if answer.status != 200:
                    raise ProviderDown(f"{urlsplit(url).path} answered {answer.status}")
                found = json.loads(await _limited(answer))
        except (aiohttp.ClientError, TimeoutError, ValueError, RecursionError) as error:
            raise ProviderDown(f"{urlsplit(url).path} cannot be read") from error
        if not isinstance(found, dict):
            raise ProviderDown(f"{urlsplit(url).path} is no object")
        return found


async def _limited(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > MAX_BYTES:
            raise ValueError("too large")
    return bytes(body)


def _key(keys: KeySet, kid: object) -> Any:
    """The key a token names; one that names none is of the only key there is."""
    if kid is None:
        return keys.keys[0] if len(keys.keys) == 1 else None
    return next((key for key in keys.keys if key.kid == kid), None)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return " ".join(value.split())[:200] if isinstance(value, str) else ""
