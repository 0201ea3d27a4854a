"""A worker in Python that computes `monte-carlo-pi`, one block at a time. The numbers are the steps of docs/worker.md."""

import base64
import json
import os
import re
import signal
import threading
import time

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

import monte_carlo_pi

ALGORITHMS, MAX_ATTEMPTS, VISIBILITY_SECONDS = {"monte-carlo-pi": monte_carlo_pi}, 5, 10
blobs = BlobServiceClient.from_connection_string(os.environ["COXSWAIN_STORAGE"])
queues = QueueServiceClient.from_connection_string(os.environ["COXSWAIN_STORAGE"])
queue, poison = queues.get_queue_client("input"), queues.get_queue_client("input-poison")


class CanceledError(Exception):
    """The block's job was canceled."""


class BlockFailedError(Exception):
    """The block fails without another attempt. The arguments are the code and the message of its result."""


def process(message):
    block = parse(message.content)
    if block is None:  # 2
        poison.send_message(message.content, time_to_live=-1)
        return queue.delete_message(message)
    returned, failed = block.get("returned", 0), block.get("failed", 0)
    attempts = max(0, message.dequeue_count - 1 - returned) + failed  # 3
    marker, due = blob(f"control/{block['job']}/canceled"), 0

    def check():
        """Checks for cancellation (4) and renews the message (1), each time a third of its visibility timeout has passed."""
        nonlocal message, due
        if time.monotonic() >= due:
            if marker.exists():
                raise CanceledError
            message = queue.update_message(message, visibility_timeout=VISIBILITY_SECONDS)
            due = time.monotonic() + VISIBILITY_SECONDS / 3

    try:
        result = {"state": "done", "output": compute(block, attempts, check)}
    except (CanceledError, ResourceNotFoundError):
        result = None  # The block needs no work.
    except AzureError:
        raise
    except BlockFailedError as error:
        result = {"state": "failed", "error": dict(zip(("code", "message"), error.args))}
    except Exception as error:  # The algorithm raised it.
        if attempts + 1 < MAX_ATTEMPTS:
            text = json.dumps({**block, "returned": returned + 1, "failed": failed + 1})
            content = base64.b64encode(text.encode()).decode()
            return queue.update_message(message, content=content, visibility_timeout=1)
        result = {"state": "failed", "error": {"code": "compute-failed", "message": str(error)[:1_000]}}
    if result:
        write({"v": 1, "job": block["job"], "block": block["block"], **result})  # 7
    if result and result["state"] == "failed":
        poison.send_message(message.content, time_to_live=-1)
    queue.delete_message(message)  # 8


def parse(content):
    """Returns the block that a message names, or None."""
    try:
        block = json.loads(base64.b64decode(content, validate=True))
        path = f"input/{re.fullmatch('job-[0-9a-f]{32}', block['job'])[0]}/{block['block']:06}.json"
        return block if block["v"] == 1 and block["path"] == path else None
    except (ValueError, TypeError, KeyError):
        return None


def compute(block, attempts, check):
    if attempts >= MAX_ATTEMPTS:
        raise BlockFailedError("gave-up", f"Given up after {MAX_ATTEMPTS} attempts without an answer")
    check()
    text = blob(block["path"]).download_blob().readall()  # 5
    try:
        data = json.loads(text)
        if data["algorithm"] not in ALGORITHMS:
            raise BlockFailedError("unknown-algorithm", f'This worker has no algorithm "{data["algorithm"]}"')
        algorithm, inputs, parameters = ALGORITHMS[data["algorithm"]], data["inputs"], data["parameters"]
        algorithm.validate(inputs, parameters)
    except (ValueError, TypeError, KeyError) as error:
        raise BlockFailedError("input-invalid", str(error)[:1_000]) from error
    return algorithm.compute(inputs, parameters, check)  # 6


def write(result):
    body = json.dumps(result, separators=(",", ":"))
    try:
        blob(f"output/{result['job']}/{result['block']:06}.json").upload_blob(body)  # With If-None-Match: *
    except ResourceExistsError:
        pass  # Another worker was first, which is a success.


def blob(path):
    return blobs.get_blob_client(*path.split("/", 1))


if __name__ == "__main__":
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())  # The block that runs is finished first.
    while not stopping.is_set():
        try:
            message = queue.receive_message(visibility_timeout=VISIBILITY_SECONDS)  # 1
            process(message) if message else stopping.wait(1)
        except AzureError as error:  # A message that was received becomes visible again by itself.
            print(f"Storage: {type(error).__name__}", flush=True)
            stopping.wait(1)
