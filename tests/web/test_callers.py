"""Who is counted as one caller, how often it may, and from which page."""

import pytest
from aiohttp.test_utils import make_mocked_request

from web.errors import Problem, Refused
from web.limits import MAX_KEYS, Places, Rate
from web.origins import Origins, origin_of
from web.proxies import Proxies


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _waits(rate: Rate, key: str = "a") -> float:
    try:
        rate.check(key)
    except Refused as refused:
        assert refused.problem is Problem.TOO_MANY
        return refused.retry_after
    return 0


def test_a_burst_is_served_and_the_next_call_told_how_long_to_wait() -> None:
    clock = Clock()
    rate = Rate(per_minute=60, burst=3, clock=clock)
    assert [_waits(rate) for _ in range(5)] == [0, 0, 0, 1, 1]
    assert _waits(rate, "another") == 0
    clock.now += 1
    assert [_waits(rate) for _ in range(2)] == [0, 1]
    clock.now += 3600
    assert [_waits(rate) for _ in range(4)] == [0, 0, 0, 1]


def test_callers_without_number_take_no_memory_without_bound() -> None:
    rate = Rate(per_minute=1, burst=1, clock=Clock())
    for number in range(MAX_KEYS + 10):
        rate.check(str(number))
    assert _waits(rate, str(MAX_KEYS + 9)) > 0
    assert _waits(rate, "0") == 0


def test_places_are_given_back() -> None:
    places = Places(1)
    with places.one("a"), places.one("b"), pytest.raises(Refused), places.one("a"):
        pass
    with places.one("a"):
        pass


@pytest.mark.parametrize(
    ("forwarded", "trusted", "counted"),
    [
        ("", (), "10.0.0.9"),
        ("8.8.8.8", (), "10.0.0.9"),
        ("8.8.8.8", ("10.0.0.9",), "8.8.8.8"),
        ("1.1.1.1, 8.8.8.8", ("10.0.0.0/8",), "8.8.8.8"),
        ("1.1.1.1, 8.8.8.8, 10.0.0.7", ("10.0.0.0/8",), "8.8.8.8"),
        ("10.0.0.7", ("10.0.0.0/8",), "10.0.0.7"),
        ("1.1.1.1, forged", ("10.0.0.9",), ""),
        ("::ffff:8.8.8.8", ("10.0.0.9",), "8.8.8.8"),
        ("2001:db8:1:2:3::4", ("10.0.0.9",), "2001:db8:1:2::/64"),
    ],
)
def test_only_a_trusted_proxy_says_whom_it_speaks_for(
    forwarded: str, trusted: tuple[str, ...], counted: str
) -> None:
    request = make_mocked_request("GET", "/", {"X-Forwarded-For": forwarded})
    assert Proxies(trusted).address(request.clone(remote="10.0.0.9")) == counted


def test_a_proxy_must_be_an_address() -> None:
    with pytest.raises(ValueError):
        Proxies(("proxy.example",))


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Shop.example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80/page", "http://shop.example"),
        ("http://localhost:3978", "http://localhost:3978"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("null", ""),
        ("file:///etc", ""),
        ("https://", ""),
        ("https://a:b:c", ""),
        ("https://a:99999", ""),
    ],
)
def test_an_origin_is_compared_in_one_form(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("public_url", "origin", "admitted"),
    [
        ("", "http://our.host:3978", True),
        ("", "http://our.host", False),
        ("https://billing.example/chat", "https://billing.example", True),
        ("https://billing.example", "http://our.host:3978", False),
        ("", "https://shop.example", True),
        ("", "https://other.example", False),
    ],
)
def test_our_own_pages_and_the_listed_are_admitted(
    public_url: str, origin: str, admitted: bool
) -> None:
    origins = Origins(("https://shop.example/",), public_url, Proxies())
    request = make_mocked_request("GET", "/", {"Host": "our.host:3978", "Origin": origin})
    assert origins.admits(request) is admitted
