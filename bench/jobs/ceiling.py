"""How many messages a second the emulator itself carries: sent in tens, received and deleted one by one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bench.jobs.servers import Servers
from local.resources import emulator

THREADS = 16


def measure(servers: Servers, messages: int) -> float:
    """Messages per second, from the first receipt to the last deletion."""
    url = servers.environment["SQS_QUEUE_URL_CAPACITY"]
    servers.aws.sqs.purge_queue(QueueUrl=url)
    for first in range(0, messages, 10):
        entries = [
            {
                "Id": str(n),
                "MessageBody": "{}",
                "MessageGroupId": str(n),
                "MessageDeduplicationId": f"{time.time()}.{n}",
            }
            for n in range(first, first + 10)
        ]
        servers.aws.sqs.send_message_batch(QueueUrl=url, Entries=entries)

    def work(_: int) -> int:
        client = emulator(servers.ports.aws).sqs
        done = 0
        while received := client.receive_message(QueueUrl=url, WaitTimeSeconds=0).get("Messages"):
            client.delete_message(QueueUrl=url, ReceiptHandle=received[0]["ReceiptHandle"])
            done += 1
        return done

    began_at = time.monotonic()
    with ThreadPoolExecutor(THREADS) as threads:
        done = sum(threads.map(work, range(THREADS)))
    return done / (time.monotonic() - began_at)
