"""No cassette holds a credential, in any spelling, or names a host that exists."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from vcr.request import Request  # type: ignore[import-untyped]  # vcrpy ships no types
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # likewise

from sources.secret import spellings
from tests.leaks import KNOWN, leaks_in
from tests.record import CASSETTES, ORIGIN, redact_request, redact_response
from tests.scenarios.stage import ISSUED, LOGIN, SECRETS

FILES = sorted(CASSETTES.glob("*/*"))
HOSTS = {urlsplit(ORIGIN.format(vendor)).hostname for vendor in SECRETS}
SIGNED = (
    "http://127.0.0.1:8/udesk/open_api_v1/departments?page=2&email=a%40b.test&timestamp=1494474404&sign=00ff&nonce=n"
)


def names(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def document(value: str) -> str:
    """A cassette that holds this text in an answer."""
    text: str = yamlserializer.serialize({"interactions": [{"response": {"body": {"string": value}}}]})
    return text


@pytest.mark.parametrize("path", FILES, ids=names)
def test_a_cassette_holds_no_credential(path: Path) -> None:
    assert leaks_in(path.read_text(encoding="ascii")) == []


@pytest.mark.parametrize("path", FILES, ids=names)
def test_a_cassette_names_no_host_but_its_vendors_fake_one(path: Path) -> None:
    text = path.read_text(encoding="ascii")
    found = {urlsplit(one["request"]["uri"]) for one in yamlserializer.deserialize(text)["interactions"]}
    assert {(url.scheme, url.hostname, url.port) for url in found} == {
        ("https", urlsplit(ORIGIN.format(path.parent.name)).hostname, None)
    }
    assert {urlsplit(url).hostname for url in re.findall(r"https?://[^\s'\"]+", text)} <= HOSTS
    assert not re.search(r"127\.0\.0\.1|localhost", text)


@pytest.mark.parametrize("secret", sorted(KNOWN))
def test_a_credential_is_found_in_every_spelling(secret: str) -> None:
    for spelling in spellings(secret):
        assert leaks_in(document(f"<p>{spelling}</p>")), spelling


@pytest.mark.parametrize(
    "text",
    [
        "02b5d1363bd58d6e90f319df0a6568c67388c9a10620badddd2c8f2dc2802201",
        "327fed6c94d64f8c129cd19f0b8a0fe11a2bf669",
        "Bearer abc",
        "Basic YTpi",
        "somebody@company.example",
        "somebody%40company.example",
        "https://udesk.sandbox.invalid/x?nonce=n1",
        "dG9rLW1hZGUtdXAtZm9yLXVkZXNrLXRoYXQtaXMtcXVpdGUtbG9uZy0wMTIz",
        ISSUED[0] + "1",
    ],
)
def test_what_looks_like_a_credential_is_found(text: str) -> None:
    assert leaks_in(document(text))


@pytest.mark.parametrize("text", ["Bearer <token>", "ann@example.test", "f4b3213c-bbed-5a95-bff0-49199cd3175f"])
def test_what_a_cassette_needs_is_no_leak(text: str) -> None:
    assert leaks_in(document(text)) == []


def test_a_signed_request_keeps_the_names_of_its_signature_alone() -> None:
    found = redact_request(Request("GET", SIGNED, None, {"Host": "127.0.0.1:8", "User-Agent": "orgweave"}))
    assert found.uri == (
        "https://udesk.sandbox.invalid/open_api_v1/departments"
        "?page=2&email=<email>&timestamp=<timestamp>&sign=<sign>&nonce=<nonce>"
    )
    assert found.headers == {}
    assert redact_request(found).uri == found.uri


def test_a_sign_in_keeps_neither_name_nor_password() -> None:
    body = b"grant_type=password&username=a%40b.test&password=p%26ss"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "client_id": "c1", "Authorization": "Basic YTpi"}
    found = redact_request(Request("POST", "http://127.0.0.1:8/nexudus/api/token", body, headers))
    assert found.body == b"grant_type=password&username=<username>&password=<password>"
    assert "client_id" not in found.headers
    assert found.headers["authorization"] == "Basic <token>"


@pytest.mark.parametrize("key", ["access_token", "refresh_token", "open_api_auth_token"])
def test_a_token_in_an_answer_is_replaced_whole(key: str) -> None:
    answer = {"headers": {"Date": ["x"], "Server": ["y"], "Retry-After": ["1"]}, "status": {"code": 200}}
    body = f'{{"{key}" : "tok-\\"quoted\\"-000", "code": 1000}}'.encode()
    found = redact_response({**answer, "body": {"string": body}})
    assert found["body"]["string"] == f'{{"{key}" : "<{key}>", "code": 1000}}'.encode()
    assert found["headers"] == {"date": ["x"], "retry-after": ["1"]}


def test_the_password_that_is_recorded_with_is_spelt_differently_in_urls_json_and_base64() -> None:
    assert len(spellings(LOGIN["password"])) >= 5
