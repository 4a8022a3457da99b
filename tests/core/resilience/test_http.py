"""The outbound client against servers that behave badly, on real sockets; time passes when a test says so."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest

from local.home import free_port
from networx.errors import NetworxError, OutboundRefused, OutboundUnavailable
from networx.observability import metrics
from networx.resilience.addresses import AddressRule
from networx.resilience.breaker import State
from networx.resilience.cache import cache_client
from networx.resilience.exchange import Call
from networx.resilience.http import OutboundClient, Terms
from networx.resilience.limits import InProcess, Limit, Limiter
from networx.resilience.retries import Backoff
from networx.settings import Address
from tests.core.resilience.hostile import Authority, Conversation, Server, answering, make_authority, serving

ONCE = Terms(backoff=Backoff(attempts=1))
SMALL = Terms(backoff=Backoff(attempts=1), largest_bytes=100_000)
HURRIED = Terms(backoff=Backoff(attempts=1), total=timedelta(seconds=0.3))
DRIP_PAUSE_SECONDS = 0.01


class Clock:
    """Seconds that pass by sleeping, and by `tick` each time somebody looks."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now = 1_000.0
        self.tick = tick
        self.slept: list[float] = []

    def __call__(self) -> float:
        self.now += self.tick
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []

    def emit(name: str, _value: float, **dimensions: str) -> None:
        if name == "OutboundCalls":
            told.append(dimensions["Outcome"])

    monkeypatch.setattr(metrics, "emit", emit)
    return told


Make = Callable[..., OutboundClient]


@pytest.fixture
def make(clock: Clock) -> Iterator[Make]:
    """Clients that may call the servers they are given, and end with the test."""
    made: list[OutboundClient] = []

    def client(*servers: Server, names: tuple[str, ...] = ("127.0.0.1",), **named) -> OutboundClient:
        allowed = frozenset(Address(name, server.port) for server in servers for name in names)
        ours = {
            "limiter": InProcess(lambda: round(clock.now * 1_000_000)),
            "clock": clock,
            "sleep": clock.sleep,
            "chance": lambda: 1.0,
        }
        made.append(OutboundClient(AddressRule(allowed), **{**ours, **named}))
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


def to(server: Server, path: str = "/", method: str = "GET", scheme: str = "http", host: str = "127.0.0.1", **named):
    return Call(method, f"{scheme}://{host}:{server.port}{path}", **named)


def fault_of(client: OutboundClient, call: Call, terms: Terms = ONCE) -> NetworxError:
    with pytest.raises((OutboundUnavailable, OutboundRefused)) as refused:
        client.call(call, terms)
    return refused.value


def ok(conversation: Conversation) -> None:
    conversation.answer(b'{"fine": true}')


def status(line: str, *headers: str) -> Callable[[Conversation], None]:
    return lambda conversation: conversation.answer(b"{}", line, *headers)


# --- As it should be ---


def test_calls_share_a_connection_that_is_kept_alive(make):
    with serving(answering(ok)) as server:
        client = make(server)
        assert [client.call(to(server)).body for _ in range(5)] == [b'{"fine": true}'] * 5
        assert (server.connections, len(server.requests)) == (1, 5)


def test_what_is_asked_arrives_as_it_was_meant(make):
    with serving(answering(ok)) as server:
        call = to(server, "/v2/data/?a=1", "POST", parameters=(("facets[series][]", "A&B"),), json={"x": [1]})
        make(server).call(call)
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /v2/data/?a=1&facets%5Bseries%5D%5B%5D=A%26B HTTP/1.1")
        assert body == b'{"x":[1]}'
        assert f"Host: 127.0.0.1:{server.port}".encode() in head


def test_a_4xx_is_an_answer(make, outcomes):
    with serving(answering(status("404 Not Found"))) as server:
        assert make(server).call(to(server)).status == 404
    assert outcomes == ["rejected"]


def test_cookies_are_not_kept(make):
    with serving(answering(status("200 OK", "Set-Cookie: follow=me; Path=/"))) as server:
        client = make(server)
        client.call(to(server))
        client.call(to(server))
        assert b"cookie" not in server.requests[1].lower()


def test_no_variable_of_the_environment_sends_calls_elsewhere(make, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(answering(ok)) as server:
        assert make(server).call(to(server)).status == 200


def test_calls_of_many_threads_do_not_mix(make):
    def behave(conversation: Conversation) -> None:
        while request := conversation.request():
            conversation.answer(request.split(b" ")[1])

    wrong: list[object] = []
    with serving(behave) as server:
        client = make(server, clock=time.monotonic, sleep=time.sleep)

        def ask(caller: int) -> None:
            for number in range(20):
                said = client.call(to(server, f"/{caller}/{number}")).body
                if said != f"/{caller}/{number}".encode():
                    wrong.append(said)

        threads = [threading.Thread(target=ask, args=(caller,)) for caller in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (wrong, len(server.requests)) == ([], 160)


# --- Time ---


def test_a_server_that_says_nothing_is_given_up(make, outcomes):
    with serving(lambda conversation: conversation.server.stopping.wait(20)) as server:
        fault = fault_of(make(server, clock=time.monotonic), to(server), HURRIED)
    assert (fault.code, outcomes) == ("OUTBOUND_UNAVAILABLE", ["timeout"])


@pytest.mark.parametrize(
    ("beginning", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["headers", "body", "chunks", "interim answers"],
)
def test_a_server_that_drips_is_given_up_although_no_single_read_is_late(make, outcomes, beginning, drop):
    def drip(conversation: Conversation) -> None:
        conversation.request()
        conversation.send(beginning)
        while not conversation.server.stopping.is_set():
            conversation.send(drop)
            time.sleep(DRIP_PAUSE_SECONDS)

    with serving(drip) as server:
        fault = fault_of(make(server, clock=Clock(tick=0.5)), to(server))
    assert (fault.code, outcomes) == ("OUTBOUND_UNAVAILABLE", ["timeout"])


def test_a_name_that_nobody_tells_is_given_up(make, outcomes):
    asked, over = threading.Event(), threading.Event()

    def never(_host: str, _port: int) -> list[str]:
        asked.set()
        over.wait(20)
        return ["127.0.0.1"]

    with serving(answering(ok)) as server:
        fault = fault_of(make(server, clock=time.monotonic, resolver=never), to(server), HURRIED)
        over.set()
    assert asked.is_set()
    assert (fault.facts["outcome"], outcomes, server.connections) == ("timeout", ["timeout"], 0)


# --- Size ---


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n",
    ],
    ids=["until it closes", "declared"],
)
def test_an_endless_body_is_left_when_it_is_too_long(make, outcomes, beginning):
    def behave(conversation: Conversation) -> None:
        conversation.request()
        conversation.send(beginning)
        conversation.drip(b"x" * 10_000)

    with serving(behave) as server:
        fault = fault_of(make(server), to(server), SMALL)
    assert (type(fault), outcomes) == (OutboundRefused, ["too_large"])
    assert "100,000 bytes" in str(fault)


def test_a_bomb_is_found_while_it_unfolds(make, outcomes):
    bomb = gzip.compress(bytes(100_000_000), 6, mtime=0)
    assert len(bomb) < 1_000_000
    with serving(answering(lambda each: each.answer(bomb, "200 OK", "Content-Encoding: gzip"))) as server:
        terms = Terms(backoff=Backoff(attempts=1), largest_bytes=1_000_000)
        fault = fault_of(make(server), to(server), terms)
    assert (type(fault), outcomes) == (OutboundRefused, ["too_large"])


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (gzip.compress(b"plain" * 1000, mtime=0), "gzip"),
        (gzip.compress(b"plain" * 400, mtime=0) + gzip.compress(b"plain" * 600, mtime=0), "GZIP"),
        (zlib.compress(b"plain" * 1000), "deflate"),
        (b"plain" * 1000, "identity"),
    ],
)
def test_what_was_compressed_is_unfolded(make, content, encoding):
    with serving(answering(lambda each: each.answer(content, "200 OK", f"Content-Encoding: {encoding}"))) as server:
        assert make(server).call(to(server), SMALL).body == b"plain" * 1000


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (gzip.compress(b"plain" * 1000, mtime=0)[:-9], "gzip"),
        (b"no gzip at all", "gzip"),
        (b"who knows", "br"),
        (gzip.compress(gzip.compress(b"twice", mtime=0), mtime=0), "gzip, gzip"),
    ],
)
def test_what_is_compressed_otherwise_or_cut_off_is_no_answer(make, outcomes, content, encoding):
    with serving(answering(lambda each: each.answer(content, "200 OK", f"Content-Encoding: {encoding}"))) as server:
        fault_of(make(server), to(server))
    assert outcomes == ["broken"]


def test_a_flood_of_headers_is_no_answer(make, outcomes):
    def behave(conversation: Conversation) -> None:
        conversation.request()
        conversation.send(b"HTTP/1.1 200 OK\r\n")
        conversation.drip(b"X-More: " + b"x" * 1000 + b"\r\n")

    with serving(behave) as server:
        fault_of(make(server), to(server))
    assert outcomes == ["broken"]


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ntoo short",
        b"HTTP/1.1 200 OK\r\n Folded: yes\x00\r\n\r\n",
        b"",
    ],
    ids=["another protocol", "negative length", "two lengths", "no chunk", "too short", "bad header", "nothing"],
)
def test_what_is_no_whole_http_is_no_answer(make, outcomes, said):
    def behave(conversation: Conversation) -> None:
        conversation.request()
        conversation.send(said)

    with serving(behave) as server:
        fault_of(make(server), to(server))
    assert outcomes == ["broken"]


def test_bytes_beyond_the_declared_length_do_not_become_the_next_answer(make):
    def longer(conversation: Conversation) -> None:
        conversation.answer(b"12345")
        conversation.send(b"HTTP/1.1 garbage beyond\r\n")

    with serving(answering(longer, ok)) as server:
        client = make(server)
        assert client.call(to(server)).body == b"12345"
        assert client.call(to(server)).body == b'{"fine": true}'


# --- Again, or not ---


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of"])
def test_a_reset_is_tried_again_where_that_is_safe(make, outcomes, clock, said):
    def broken(conversation: Conversation) -> None:
        conversation.send(said)
        conversation.reset()

    with serving(answering(broken, broken, ok)) as server:
        assert make(server).call(to(server)).status == 200
    assert outcomes[-1] == "answered"
    assert set(outcomes[:2]) <= {"reset", "broken"}
    assert clock.slept == [0.5, 1.0], "the full jitter's ceilings, for the chance of 1"


def test_what_may_have_been_done_is_not_done_twice(make):
    with serving(answering(lambda conversation: conversation.reset(), ok)) as server:
        fault_of(make(server), to(server, method="POST"), Terms())
        assert len(server.requests) == 1


def test_a_query_by_post_may_be_repeated_where_its_caller_says_so(make):
    with serving(answering(status("503 Away"), ok)) as server:
        assert make(server).call(to(server, method="POST", repeatable=True)).status == 200


@pytest.mark.parametrize(("silence", "outcome"), [(0.2, "timeout"), (20, "answered")])
def test_a_host_that_thinks_before_it_answers_is_waited_for_as_long_as_the_caller_says(
    make, outcomes, silence, outcome
):
    def thinks(conversation: Conversation) -> None:
        conversation.request()
        conversation.server.stopping.wait(1)
        ok(conversation)

    terms = Terms(backoff=Backoff(attempts=1), total=timedelta(seconds=20), silence=timedelta(seconds=silence))
    with serving(thinks) as server:
        client = make(server, clock=time.monotonic)
        if outcome == "answered":
            assert client.call(to(server), terms).status == 200
        else:
            fault_of(client, to(server), terms)
    assert outcomes == [outcome]


def test_what_was_never_sent_is_tried_again_whatever_it_is(make, outcomes):
    with serving(answering(ok)) as server:
        client = make(server)
        server.close()
        fault = fault_of(client, to(server, method="POST"), Terms())
    assert (outcomes, fault.facts["attempts"]) == (["unreachable"] * 3, 3)


@pytest.mark.parametrize(("line", "times"), [("500 No", 1), ("501 No", 1), ("502 No", 3), ("503 No", 3), ("504 No", 3)])
def test_only_passing_faults_of_a_server_are_tried_again(make, outcomes, line, times):
    with serving(answering(status(line))) as server:
        fault = fault_of(make(server), to(server), Terms())
        assert len(server.requests) == times
    assert outcomes == ["failed"] * times
    assert line[:3] in str(fault)


def test_a_server_that_asks_for_a_wait_gets_it(make, clock, outcomes):
    with serving(answering(status("429 Slowly", "Retry-After: 7"), ok)) as server:
        began = clock.now
        assert make(server).call(to(server)).status == 200
    assert clock.now - began >= 7
    assert outcomes == ["limited", "answered"]


def test_a_wait_may_be_a_date(make, clock):
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=15), usegmt=True)
    with serving(answering(status("503 Away", f"Retry-After: {at}"), ok)) as server:
        make(server).call(to(server))
    assert clock.slept[0] > 5


@pytest.mark.parametrize("asked", ["3600", "99999999999999999999", "soon", "-5", "Thu, 99 Foo 2026", "1e9", "\u0663"])
def test_no_wait_makes_a_call_endless(make, clock, asked):
    said = f"Retry-After: {asked}".encode()

    def behave(conversation: Conversation) -> None:
        conversation.send(b"HTTP/1.1 429 Slowly\r\nContent-Length: 0\r\n" + said + b"\r\n\r\n")

    with serving(answering(behave)) as server:
        began = clock.now
        fault_of(make(server), to(server), Terms())
    assert clock.now - began <= 30


def test_a_storm_of_refusals_slows_the_calls_down_and_answers_bring_them_back(make, clock):
    with serving(answering(*[status("429 Slowly")] * 6, ok)) as server:
        client = make(server)
        gaps = []
        for _ in range(6):
            before = clock.now
            with suppress(OutboundUnavailable):
                client.call(to(server), ONCE)
            gaps.append(clock.now - before)
        assert gaps == sorted(gaps)
        assert gaps[-1] >= 4
        for _ in range(20):
            client.call(to(server), ONCE)
        before = clock.now
        client.call(to(server), ONCE)
        assert clock.now == before


# --- The breaker and the limits ---


def test_a_host_that_fails_is_left_alone_and_then_asked_by_one_call(make, clock, outcomes):
    with serving(answering(*[status("500 Broken")] * 5, ok)) as server:
        client = make(server)
        for _ in range(5):
            fault_of(client, to(server))
        fault = fault_of(client, to(server))
        assert (fault.code, len(server.requests)) == ("CIRCUIT_OPEN", 5)
        assert 0 < fault.facts["retry_after_seconds"] <= 60
        assert list(client.states().values()) == [State.OPEN]
        clock.now += 61
        assert client.call(to(server)).status == 200
        assert list(client.states().values()) == [State.CLOSED]
    assert outcomes == ["failed"] * 5 + ["circuit_open", "answered"]


def test_another_host_goes_on(make, clock):
    with serving(answering(status("500 Broken"))) as broken, serving(answering(ok)) as well:
        client = make(broken, well)
        for _ in range(5):
            fault_of(client, to(broken))
        assert client.call(to(well), ONCE).status == 200


def test_a_rate_is_kept_by_waiting_and_refused_where_the_wait_is_too_long(make, clock):
    rate = Terms(rate=Limit("a-rate", 10, timedelta(seconds=10)))
    with serving(answering(ok)) as server:
        client = make(server)
        began = clock.now
        for _ in range(15):
            client.call(to(server), rate)
        assert clock.now - began >= 5
        slow = Terms(rate=Limit("an-hour", 1, timedelta(hours=1)))
        client.call(to(server), slow)
        fault = fault_of(client, to(server), slow)
        assert fault.facts["outcome"] == "rate"
        assert fault.facts["retry_after_seconds"] > 3000


def test_a_day_has_so_many_requests_and_each_attempt_is_one(make, clock):
    day = Terms(daily=Limit("a-day", 3, timedelta(days=1)))
    with serving(answering(status("503 Away"), ok)) as server:
        client = make(server)
        client.call(to(server), day)
        client.call(to(server), day)
        fault = fault_of(client, to(server), day)
        assert (fault.facts["outcome"], len(server.requests)) == ("daily", 3)
        assert "3 requests of a day" in str(fault)


def test_all_processes_count_one_day_together(configured, make):
    cache_client().flushdb()
    day = Terms(daily=Limit("a-day", 4, timedelta(days=1)))
    with serving(answering(ok)) as server:
        clients = [make(server, limiter=Limiter()) for _ in range(3)]
        for client in (*clients, clients[0]):
            client.call(to(server), day)
        for client in clients:
            assert fault_of(client, to(server), day).facts["outcome"] == "daily"
        assert len(server.requests) == 4


def test_a_refused_call_takes_none_of_the_day(make, clock):
    day = Terms(daily=Limit("a-day", 6, timedelta(days=1)), backoff=Backoff(attempts=1))
    with serving(answering(*[status("500 Broken")] * 5, ok)) as server:
        client = make(server)
        for _ in range(25):
            fault_of(client, to(server), day)
        clock.now += 61
        assert client.call(to(server), day).status == 200


# --- Where a call goes ---


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/meta-data/", "/elsewhere", "https://example.com"])
@pytest.mark.parametrize("line", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(make, outcomes, target, line):
    with serving(answering(status(line, f"Location: {target}"))) as server:
        fault = fault_of(make(server), to(server))
        assert (type(fault), len(server.requests)) == (OutboundRefused, 1)
    assert outcomes == ["redirected"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1"])
def test_a_name_that_leads_inside_is_not_connected_to(make, outcomes, address):
    with serving(answering(ok)) as server:
        client = make(resolver=lambda _host, _port: [address])
        fault = fault_of(client, to(server, scheme="https", host="rates.example.com"))
        assert server.connections == 0
    assert (fault.facts["outcome"], outcomes) == ("forbidden_address", ["forbidden_address"])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"]
)
def test_an_address_inside_is_not_connected_to_however_it_is_written(make, host):
    with serving(answering(ok)) as server:
        fault = fault_of(make(), to(server, scheme="https", host=host))
        assert server.connections == 0
    assert fault.facts["outcome"] == "forbidden_address"


def test_a_name_is_resolved_once_and_that_address_is_connected_to(make, authority):
    """Whoever answers for a name may answer otherwise a moment later: only the judged answer is used."""
    told: list[str] = []
    greeted: list[str | None] = []

    def rebinding(host: str, _port: int) -> list[str]:
        told.append(host)
        return ["127.0.0.1"] if len(told) == 1 else ["169.254.169.254"]

    context = authority.context("rates.example.com")
    context.sni_callback = lambda _socket, name, _context: greeted.append(name)
    with serving(answering(ok), context) as server:
        client = make(server, names=("rates.example.com",), resolver=rebinding, authorities=authority.file)
        for _ in range(3):
            assert client.call(to(server, scheme="https", host="rates.example.com")).status == 200
        assert f"Host: rates.example.com:{server.port}".encode() in server.requests[0]
    assert told == ["rates.example.com"], "a kept connection needs no name"
    assert greeted == ["rates.example.com"]


def test_the_second_address_is_tried_where_the_first_does_not_answer(make):
    closed = "127.0.0.2"
    with serving(answering(ok)) as server:
        client = make(server, names=("osrm.internal",), resolver=lambda _host, _port: [closed, "127.0.0.1"])
        assert client.call(to(server, host="osrm.internal")).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://api.eia.gov/v2/",
        "ftp://api.eia.gov/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@api.eia.gov/",
        "https://api.eia.gov:99999/",
        "https://[::1",
        "//api.eia.gov/",
        "https://exa mple.com/",
    ],
)
def test_an_address_of_another_kind_is_refused_before_anything_is_asked(make, url):
    def unasked(host: str, port: int) -> list[str]:
        pytest.fail(f"{host} was looked up")

    fault = fault_of(make(resolver=unasked), Call("GET", url))
    assert isinstance(fault, OutboundRefused)
    assert "secret" not in str(fault)


def test_ipv6_is_spoken(make):
    with serving(answering(ok), family=socket.AF_INET6) as server:
        client = make(server, names=("osrm.internal",), resolver=lambda _host, _port: ["::1"])
        assert client.call(to(server, host="osrm.internal")).status == 200


# --- TLS ---


def secure(server: Server, host: str = "rates.example.com") -> Call:
    return to(server, scheme="https", host=host)


def calling(make: Make, server: Server, authorities: Path | None) -> OutboundClient:
    return make(
        server, names=("rates.example.com",), resolver=lambda _host, _port: ["127.0.0.1"], authorities=authorities
    )


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"name": "rates.example.com", "self_signed": True}, "self-signed"),
        ({"name": "other.example.com"}, "mismatch"),
        ({"name": "rates.example.com", "begins_days": -10, "ends_days": -3}, "expired"),
        ({"name": "rates.example.com", "begins_days": 3}, "not yet valid"),
    ],
)
def test_a_bad_certificate_is_not_believed_and_not_tried_again(make, authority, outcomes, what, said):
    with serving(answering(ok), authority.context(**what)) as server:
        fault = fault_of(calling(make, server, authority.file), secure(server), Terms())
        assert server.requests == []
    assert said in str(fault).lower()
    assert outcomes == ["untrusted"]


def test_a_company_may_sign_for_itself_but_only_where_it_is_configured(make, authority, outcomes):
    with serving(answering(ok), authority.context("rates.example.com")) as server:
        assert calling(make, server, authority.file).call(secure(server)).status == 200
        fault_of(calling(make, server, None), secure(server))
    assert outcomes == ["answered", "untrusted"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_an_old_tls_is_refused(make, authority, outcomes):
    context = authority.context("rates.example.com")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with serving(answering(ok), context) as server:
        fault_of(calling(make, server, authority.file), secure(server))
    assert outcomes == ["untrusted"]


def test_a_server_without_tls_is_refused(make, outcomes):
    with serving(lambda conversation: conversation.send(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        fault_of(calling(make, server, None), secure(server))
    assert outcomes == ["untrusted"]


def test_a_handshake_that_never_ends_is_given_up(make, outcomes):
    with serving(lambda conversation: conversation.server.stopping.wait(20)) as server:
        client = make(
            server, names=("rates.example.com",), resolver=lambda _host, _port: ["127.0.0.1"], clock=time.monotonic
        )
        fault_of(client, secure(server), HURRIED)
    assert outcomes == ["timeout"]


# --- HTTP/2 ---


def http2(answer: Callable[[h2.connection.H2Connection, int], None]) -> Callable[[Conversation], None]:
    """A server of HTTP/2 that gives each request this answer."""

    def behave(conversation: Conversation) -> None:
        speaker = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        speaker.initiate_connection()
        conversation.send(speaker.data_to_send())
        while content := conversation.socket.recv(65_536):
            for event in speaker.receive_data(content):
                if isinstance(event, h2.events.StreamEnded):
                    conversation.server.requests.append(b"one")
                    answer(speaker, event.stream_id)
            conversation.send(speaker.data_to_send())

    return behave


@pytest.fixture
def of_http2(authority: Authority) -> ssl.SSLContext:
    context = authority.context("rates.example.com")
    context.set_alpn_protocols(["h2"])
    return context


def test_http2_is_spoken_where_the_server_does(make, authority, of_http2):
    def answer(speaker: h2.connection.H2Connection, stream: int) -> None:
        speaker.send_headers(stream, [(":status", "200"), ("content-type", "application/json")])
        speaker.send_data(stream, b'{"fine": true}', end_stream=True)

    with serving(http2(answer), of_http2) as server:
        client = calling(make, server, authority.file)
        answers = [client.call(secure(server)) for _ in range(3)]
        assert {(each.http_version, each.body) for each in answers} == {("HTTP/2", b'{"fine": true}')}
        assert server.connections == 1


def test_a_flood_of_headers_in_http2_is_no_answer(make, authority, of_http2, outcomes):
    def answer(speaker: h2.connection.H2Connection, stream: int) -> None:
        flood = [(f"x-{number}", "x" * 1000) for number in range(500)]
        speaker.send_headers(stream, [(":status", "200"), *flood], end_stream=True)

    with serving(http2(answer), of_http2) as server:
        fault_of(calling(make, server, authority.file), secure(server))
    assert outcomes == ["broken"]


def test_a_stream_that_is_reset_is_tried_again(make, authority, of_http2, outcomes):
    done: list[int] = []

    def answer(speaker: h2.connection.H2Connection, stream: int) -> None:
        done.append(stream)
        if len(done) == 1:
            speaker.reset_stream(stream)
        else:
            speaker.send_headers(stream, [(":status", "200")], end_stream=True)

    with serving(http2(answer), of_http2) as server:
        assert calling(make, server, authority.file).call(secure(server)).status == 200
    assert outcomes == ["broken", "answered"]


# --- A proxy ---


def proxying(conversation: Conversation) -> None:
    """CONNECT to this machine, whatever name is asked for."""
    target = conversation.request().split(b" ")[1]
    port = int(target.rpartition(b":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as onward:
        conversation.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        ends = [(conversation.socket, onward), (onward, conversation.socket)]
        threads = [threading.Thread(target=_pump, args=pair, daemon=True) for pair in ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(65_536):
            other.sendall(content)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def test_a_proxy_is_used_where_it_is_configured_and_the_name_is_left_to_it(make, authority):
    def unasked(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "proxy.internal" else pytest.fail(f"{host} was looked up")

    with serving(answering(ok), authority.context("rates.example.com")) as server, serving(proxying) as proxy:
        client = make(
            proxy=f"http://proxy.internal:{proxy.port}", resolver=unasked, authorities=authority.file,
        )  # fmt: skip
        assert client.call(secure(server)).status == 200
        assert proxy.requests[0].startswith(f"CONNECT rates.example.com:{server.port} ".encode())


def test_a_proxy_is_no_way_to_an_address_inside(make):
    with serving(proxying) as proxy:
        client = make(proxy, proxy=f"http://127.0.0.1:{proxy.port}")
        for host in ("169.254.169.254", "10.0.0.1", "[::1]"):
            assert fault_of(client, Call("GET", f"https://{host}/")).facts["outcome"] == "forbidden_address"
        assert proxy.connections == 0


# --- What is told, and the end ---


def test_no_key_is_told_to_anybody(make, caplog):
    caplog.set_level(logging.DEBUG)
    with serving(answering(status("500 Broken"))) as server:
        call = to(
            server,
            "/data?registrationkey=hush-1",
            parameters=(("api_key", "hush-2"), ("frequency", "weekly")),
            headers={"Authorization": "Bearer hush-3"},
        )
        fault = fault_of(make(server), call)
    lines = [f"{line.getMessage()} {getattr(line, 'fields', '')}" for line in caplog.records if "networx" in line.name]
    assert any("outbound.called" in line and "frequency=weekly" in line for line in lines)
    assert not any("hush" in line for line in (*lines, str(fault), repr(fault.facts)))


def test_after_its_end_nothing_is_called(make):
    with serving(answering(ok)) as server:
        client = make(server)
        client.call(to(server))
        client.close()
        assert fault_of(client, to(server)).facts["outcome"] == "closed"
        assert len(server.requests) == 1


def test_a_port_where_nobody_listens_is_told_as_such(make, outcomes):
    port = free_port()
    client = OutboundClient(AddressRule(frozenset({Address("127.0.0.1", port)})), limiter=InProcess(lambda: 0))
    fault = fault_of(client, Call("GET", f"http://127.0.0.1:{port}/"))
    client.close()
    assert str(fault) == f"127.0.0.1:{port} cannot be asked just now: no connection came about."
