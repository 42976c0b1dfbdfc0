#!/usr/bin/env python3
"""How long CreateSecret with one replica takes on a server with a data directory, and how long the disk's own sync takes.

    build/release/bin/faultline serve -q --port 4612 --data-dir DIR &
    tests/bench/create_durable.py 4612 DIR
"""
import http.client
import json
import os
import sys
import time
import uuid

ROUNDS = 300
HEADERS = {
    "X-Amz-Target": "secretsmanager.CreateSecret",
    "Content-Type": "application/x-amz-json-1.1",
    "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-west-2/secretsmanager/aws4_request, "
                     "SignedHeaders=host, Signature=0",
}


def milliseconds(action):
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1e3


def main():
    port, directory = int(sys.argv[1]), sys.argv[2]
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def create():
        token = str(uuid.uuid4())
        body = {"Name": token, "SecretString": "v", "ClientRequestToken": token,
                "AddReplicaRegions": [{"Region": "us-east-1"}]}
        connection.request("POST", "/", json.dumps(body), HEADERS)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit(f"HTTP {answer.status}: {text}")

    path = os.path.join(directory, "sync_probe")
    probe = os.open(path, os.O_CREAT | os.O_WRONLY)

    def sync():
        os.write(probe, b"x" * 400)
        os.fdatasync(probe)

    creates = sorted(milliseconds(create) for _ in range(ROUNDS))
    syncs = sorted(milliseconds(sync) for _ in range(ROUNDS))
    os.close(probe)
    os.unlink(path)
    for name, times in (("CreateSecret", creates), ("fdatasync", syncs)):
        print(f"{name}: median {times[ROUNDS // 2]:.2f} ms, p99 {times[ROUNDS * 99 // 100]:.2f} ms")


if __name__ == "__main__":
    main()
