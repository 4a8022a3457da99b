"""SQS's JSON protocol over in-memory FIFO queues, so that real processes meet faults that are chosen from outside.

`python -m tests.chaos.fifo_server` serves on a loopback port, which it prints as its first line. A process whose
AWS_ENDPOINT_URL_SQS names that port finds the job queues of the topology here, under the URLs it has for them anyway;
everything else of AWS stays where it was. `/control` is the other side: faults, clock and purge, by `Control`.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from networx.errors import QueueUnavailable
from networx.jobs.fifo import Delivery, Entry, Faults, MovableClock, Refusal, Taken
from networx.jobs.memory_fifo import MemoryFifo
from networx.topology import TOPOLOGY

LOOPBACK = "127.0.0.1"
Answer = dict[str, Any]

# How SQS spells these in the header that its clients read the error's code from.
_OLD_NAMES = {
    "BatchRequestTooLong": "AWS.SimpleQueueService.BatchRequestTooLong",
    "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
    "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
}


class Queues:
    """The server's queues by name, with one clock; more are made by CreateQueue."""

    def __init__(self, *, seed: int = 0, visibility: timedelta | None = None) -> None:
        self.clock = MovableClock()
        self.by_name: dict[str, MemoryFifo] = {}
        self._seed = seed
        for queue in TOPOLOGY.job_queues():
            dead = self._make(queue.dead_letter_name, retention=queue.dead_letter_retention)
            self._make(
                queue.name,
                visibility=visibility or queue.visibility_timeout,
                retention=queue.retention,
                most_receives=queue.max_receive_count,
                dead_letters=dead,
            )

    def _make(self, name: str, **rules: Any) -> MemoryFifo:
        self._seed += 1
        return self.by_name.setdefault(name, MemoryFifo(clock=self.clock, seed=self._seed, **rules))

    def at(self, url: str) -> MemoryFifo:
        """The queue of a URL. Raises Refusal where there is none."""
        try:
            return self.by_name[url.rpartition("/")[2]]
        except KeyError:
            raise Refusal("QueueDoesNotExist", "The specified queue does not exist.") from None

    def create(self, name: str, attributes: dict[str, str]) -> None:
        """What CreateQueue does, for the attributes that the queues here have."""
        rules: dict[str, Any] = {}
        if "VisibilityTimeout" in attributes:
            rules["visibility"] = timedelta(seconds=int(attributes["VisibilityTimeout"]))
        if "MessageRetentionPeriod" in attributes:
            rules["retention"] = timedelta(seconds=int(attributes["MessageRetentionPeriod"]))
        if "MaximumMessageSize" in attributes:
            rules["largest_bytes"] = int(attributes["MaximumMessageSize"])
        if "RedrivePolicy" in attributes:
            policy = orjson.loads(attributes["RedrivePolicy"])
            rules["most_receives"] = int(policy["maxReceiveCount"])
            rules["dead_letters"] = self.at(policy["deadLetterTargetArn"].replace(":", "/"))
        self._make(name, **rules)


class Sqs:
    """The operations of SQS that NetWORX and its tests use. What SQS refuses raises Refusal."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    def do(self, operation: str, asked: Answer, address: str) -> Answer:
        name = {"CreateQueue": "_create", "GetQueueUrl": "_url"}.get(operation)
        if name is not None:
            answer: Answer = getattr(self, name)(asked, address)
            return answer
        work = _OPERATIONS.get(operation)
        if work is None:
            raise Refusal("InvalidAction", f"{operation} is not among the operations of this server.")
        return work(self._queues.at(asked["QueueUrl"]), asked)

    def _create(self, asked: Answer, address: str) -> Answer:
        self._queues.create(asked["QueueName"], asked.get("Attributes", {}))
        return self._url(asked, address)

    def _url(self, asked: Answer, address: str) -> Answer:
        self._queues.at(asked["QueueName"])
        return {"QueueUrl": f"{address}/000000000000/{asked['QueueName']}"}


def _send(fifo: MemoryFifo, asked: Answer) -> Answer:
    (answer,) = fifo.send([_entry(asked)])
    if isinstance(answer, Refusal):
        raise answer
    return _sent(answer, asked)


def _send_batch(fifo: MemoryFifo, asked: Answer) -> Answer:
    entries = asked["Entries"]
    answers = fifo.send([_entry(entry) for entry in entries])
    return _batch(entries, answers, lambda entry, answer: _sent(answer, entry))


def _entry(asked: Answer) -> Entry:
    return Entry(asked.get("MessageBody", ""), asked.get("MessageGroupId", ""), asked.get("MessageDeduplicationId", ""))


def _sent(taken: Taken, asked: Answer) -> Answer:
    return {
        "MessageId": taken.id,
        "MD5OfMessageBody": _md5(asked["MessageBody"]),
        "SequenceNumber": f"{taken.sequence:020}",
    }


def _receive(fifo: MemoryFifo, asked: Answer) -> Answer:
    visibility = asked.get("VisibilityTimeout")
    fifo.counted["asked"] += 1
    deliveries = fifo.receive(
        int(asked.get("MaxNumberOfMessages", 1)),
        timedelta(seconds=int(asked.get("WaitTimeSeconds", 0))),
        None if visibility is None else timedelta(seconds=int(visibility)),
    )
    wanted = {*asked.get("MessageSystemAttributeNames", []), *asked.get("AttributeNames", [])}
    return {"Messages": [_message(delivery, wanted) for delivery in deliveries]} if deliveries else {}


def _message(delivery: Delivery, wanted: set[str]) -> Answer:
    attributes = {
        "ApproximateReceiveCount": str(delivery.received),
        "MessageGroupId": delivery.group,
        "MessageDeduplicationId": delivery.deduplication_id,
        "SequenceNumber": f"{delivery.sequence:020}",
    }
    return {
        "MessageId": delivery.id,
        "ReceiptHandle": delivery.receipt,
        "Body": delivery.body,
        "MD5OfBody": _md5(delivery.body),
        "Attributes": {name: value for name, value in attributes.items() if "All" in wanted or name in wanted},
    }


def _hide(fifo: MemoryFifo, asked: Answer) -> Answer:
    fifo.change_visibility(asked["ReceiptHandle"], timedelta(seconds=int(asked["VisibilityTimeout"])))
    return {}


def _delete(fifo: MemoryFifo, asked: Answer) -> Answer:
    fifo.delete(asked["ReceiptHandle"])
    return {}


def _each(work: Callable[[MemoryFifo, Answer], Answer]) -> Callable[[MemoryFifo, Answer], Answer]:
    """The batch of an operation: each entry is done or refused by itself."""

    def batch(fifo: MemoryFifo, asked: Answer) -> Answer:
        answers: list[Answer | Refusal] = []
        for entry in asked["Entries"]:
            try:
                answers.append(work(fifo, entry))
            except Refusal as refusal:
                answers.append(refusal)
        return _batch(asked["Entries"], answers, lambda _, answer: answer)

    return batch


def _batch(entries: list[Answer], answers: list[Any], taken: Callable[[Answer, Any], Answer]) -> Answer:
    done: Answer = {"Successful": [], "Failed": []}
    for entry, answer in zip(entries, answers, strict=True):
        if isinstance(answer, Refusal):
            fault = {"Code": answer.code, "Message": str(answer), "SenderFault": answer.code != "InternalError"}
            done["Failed"].append({"Id": entry["Id"], **fault})
        else:
            done["Successful"].append({"Id": entry["Id"], **taken(entry, answer)})
    return done


def _attributes(fifo: MemoryFifo, asked: Answer) -> Answer:
    depth = fifo.depth()
    known = {
        "ApproximateNumberOfMessages": str(depth.visible),
        "ApproximateNumberOfMessagesNotVisible": str(depth.in_flight),
        "ApproximateNumberOfMessagesDelayed": str(depth.late),
        "VisibilityTimeout": str(int(fifo.visibility.total_seconds())),
        "FifoQueue": "true",
    }
    wanted = asked.get("AttributeNames", [])
    return {"Attributes": {name: value for name, value in known.items() if "All" in wanted or name in wanted}}


def _purge(fifo: MemoryFifo, _: Answer) -> Answer:
    fifo.purge()
    return {}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


_OPERATIONS: dict[str, Callable[[MemoryFifo, Answer], Answer]] = {
    "SendMessage": _send,
    "SendMessageBatch": _send_batch,
    "ReceiveMessage": _receive,
    "ChangeMessageVisibility": _hide,
    "ChangeMessageVisibilityBatch": _each(_hide),
    "DeleteMessage": _delete,
    "DeleteMessageBatch": _each(_delete),
    "GetQueueAttributes": _attributes,
    "PurgeQueue": _purge,
}


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves as one piece
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = orjson.loads(body) if body else {}
        if self.path.startswith("/control"):
            self._reply(200, self.server.control(self.path.removeprefix("/control/"), asked))
            return
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        address = f"http://{LOOPBACK}:{self.server.server_port}"
        try:
            self._reply(200, self.server.sqs.do(operation, asked, address))
        except QueueUnavailable:
            self._reply(503, {"__type": "ServiceUnavailable", "message": "The service cannot be reached."})
        except Refusal as refusal:
            code = f"{_OLD_NAMES.get(refusal.code, refusal.code)};Sender"
            refused = {"__type": f"com.amazonaws.sqs#{refusal.code}", "message": str(refusal)}
            self._reply(400, refused, {"x-amzn-query-error": code})

    def do_GET(self) -> None:
        self._reply(200, self.server.state())

    def _reply(self, status: int, answer: Answer, headers: dict[str, str] | None = None) -> None:
        content = orjson.dumps(answer)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the library
        """Thousands of requests a second are no news."""


class Server(ThreadingHTTPServer):
    """The server on its port; a thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, queues: Queues) -> None:
        super().__init__((LOOPBACK, port), _Requests)
        self.queues = queues
        self.sqs = Sqs(queues)

    def handle_error(self, *_: object) -> None:
        """A client that was killed in the middle of a request is what this server is for."""

    def control(self, verb: str, asked: Answer) -> Answer:
        named = asked.get("queue")
        fifos = list(self.queues.by_name.values()) if named is None else [self.queues.by_name[named]]
        if verb == "clock":
            self.queues.clock.advance(asked["advance"])
        for fifo in fifos:
            if verb == "faults":
                fifo.faults = Faults(**asked["faults"])
            elif verb == "purge":
                fifo.forget()
            fifo.nudge()
        return self.state()

    def state(self) -> Answer:
        return {
            name: {"faults": asdict(fifo.faults), "counted": dict(fifo.counted), "depth": fifo.depth()._asdict()}
            for name, fifo in self.queues.by_name.items()
        }


class Control:
    """The other side of a running server: what a test tells it, and asks it."""

    def __init__(self, port: int) -> None:
        self._port = port

    def faults(self, queue: str | None = None, **faults: float | bool) -> None:
        """From now on these faults and no others (`networx.jobs.fifo.Faults`), in one queue or in all."""
        self._ask("POST", "/control/faults", {"queue": queue, "faults": faults})

    def advance(self, seconds: float) -> None:
        """Move the queues' clock on."""
        self._ask("POST", "/control/clock", {"advance": seconds})

    def purge(self, queue: str | None = None) -> None:
        """Lose every message, also during an outage."""
        self._ask("POST", "/control/purge", {"queue": queue})

    def state(self) -> Answer:
        """By queue: `faults`, `counted` (`asked` is polls; sent, received, deleted, each fault) and `depth`."""
        return self._ask("GET", "/control", None)

    def _ask(self, method: str, path: str, asked: Answer | None) -> Answer:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=30)
        try:
            connection.request(method, path, None if asked is None else orjson.dumps(asked))
            answer: Answer = orjson.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=0, help="of what faults draw by lot")
    parser.add_argument("--visibility", type=float, help="of every queue, in seconds, instead of the topology's")
    given = parser.parse_args()
    visibility = None if given.visibility is None else timedelta(seconds=given.visibility)
    server = Server(given.port, Queues(seed=given.seed, visibility=visibility))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
