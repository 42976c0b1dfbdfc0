#!/usr/bin/env python3
"""`faultline serve --data-dir` is killed with SIGKILL at random moments and started again.

Some clients create, change, label and delete secrets, and make keys, each in names of its own. What
was answered must be there after the next start; of the one call that each had in flight, all or
nothing; every value that is read is one that was written; and replicas come to be what their
primaries are.

    kill9.py --faultline build/dev/bin/faultline [--rounds 200] [--seed 1] [--scratch DIR]
"""

import argparse
import copy
import http.client
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid

WEST = "us-west-2"
REPLICAS = ["us-east-1", "eu-west-1"]
REGIONS = [WEST] + REPLICAS
CLIENTS = 3
CONVERGES_WITHIN_S = 30


class Gone(Exception):
    """The server went away before it answered."""


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.code = body.get("__type", "").split("#")[-1]


class Wrong(Exception):
    """What this test is there to find."""


class Client:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, region, operation, body):
        is_kms = operation.endswith("Key")
        service = "kms" if is_kms else "secretsmanager"
        target = "TrentService" if is_kms else "secretsmanager"
        scope = f"AKIAIOSFODNN7EXAMPLE/20260101/{region}/{service}/aws4_request"
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{target}.{operation}",
            "X-Amz-Date": "20260101T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, "
            f"Signature={'0' * 64}",
        }
        try:
            self.connection.request("POST", "/", json.dumps(body), headers)
            response = self.connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Gone(str(error)) from error
        answer = json.loads(text) if text else {}
        if response.status != 200:
            raise Refused(response.status, answer)
        return answer


class Server:
    def __init__(self, faultline, directory):
        self.command = [faultline, "serve", "--port", "0", "--data-dir", directory]
        self.command += ["--regions", ",".join(REGIONS)]
        started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        first = self.process.stdout.readline()
        if " at http://127.0.0.1:" not in first:
            raise Wrong(f"the server does not start: {first}{self.process.stdout.read()}")
        self.port = int(first.strip().rsplit(":", 1)[1])
        Client(self.port).call(WEST, "ListSecrets", {})
        self.start_s = time.monotonic() - started

    def second_is_refused(self):
        second = subprocess.run(self.command, capture_output=True, text=True, timeout=30)
        words = f"is in use by process {self.process.pid}"
        if second.returncode != 65 or words not in second.stderr:
            raise Wrong(f"a second server: {second.returncode} {second.stderr}")
        if second.stderr.count("\n") != 1 or second.stdout:
            raise Wrong(f"one clear line, not: {second.stdout}{second.stderr}")

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


class Secret:
    """What a secret is once its calls were answered. None of its parts: it does not exist."""

    def __init__(self):
        self.values = {}  # by version
        self.stages = {}  # version by label
        self.replicas = []

    def put(self, version, value, stages):
        before = self.stages.get("AWSCURRENT")
        self.values[version] = value
        for stage in stages:
            self.stages[stage] = version
        if "AWSCURRENT" in stages and before is not None:
            self.stages["AWSPREVIOUS"] = before

    def label(self, stage, version):
        self.stages[stage] = version

    def seen(self):
        labels = {}
        for stage, version in self.stages.items():
            labels.setdefault(version, set()).add(stage)
        return labels, {version: self.values[version] for version in labels}


class Story:
    """What one client has done: secrets and keys by name, and the call that was not answered."""

    def __init__(self, number, luck):
        self.number = number
        self.luck = luck
        self.secrets = {}
        self.keys = {}  # description by id
        self.written = {}  # every value that was ever sent, by name
        self.pending = None  # (name, the secret as it would be)
        self.made = 0
        self.calls = 0
        self.failure = None

    def value(self, name):
        value = f"{name}/{self.luck.getrandbits(64):016x}/"
        value += "v" * self.luck.choice([1, 30, 900, 9000])
        self.written.setdefault(name, set()).add(value)
        return value

    def attempt(self, client, name, after, operation, body):
        self.pending = (name, after)
        answer = client.call(WEST, operation, body)
        if after is None:
            del self.secrets[name]
        else:
            self.secrets[name] = after
        self.pending = None
        self.calls += 1
        return answer

    def create(self, client):
        self.made += 1
        name = f"client-{self.number}/secret-{self.made}"
        version = str(uuid.UUID(int=self.luck.getrandbits(128), version=4))
        secret = Secret()
        secret.put(version, self.value(name), ["AWSCURRENT"])
        body = {"Name": name, "ClientRequestToken": version, "SecretString": secret.values[version]}
        secret.replicas = self.luck.choice([[], [], REPLICAS[:1], REPLICAS])
        if secret.replicas:
            body["AddReplicaRegions"] = [{"Region": region} for region in secret.replicas]
        if self.keys and self.luck.random() < 0.3:
            body["KmsKeyId"] = self.luck.choice(sorted(self.keys))
        self.attempt(client, name, secret, "CreateSecret", body)

    def put(self, client, name):
        version = str(uuid.UUID(int=self.luck.getrandbits(128), version=4))
        stages = self.luck.choice(
            [["AWSCURRENT"], ["AWSCURRENT"], ["green"], ["AWSCURRENT", "blue"]]
        )
        secret = copy.deepcopy(self.secrets[name])
        secret.put(version, self.value(name), stages)
        self.attempt(
            client,
            name,
            secret,
            "PutSecretValue",
            {
                "SecretId": name,
                "ClientRequestToken": version,
                "SecretString": secret.values[version],
                "VersionStages": stages,
            },
        )

    def label(self, client, name):
        secret = copy.deepcopy(self.secrets[name])
        version = self.luck.choice(sorted(set(secret.stages.values())))
        body = {"SecretId": name, "VersionStage": "blue", "MoveToVersionId": version}
        if secret.stages.get("blue") == version:
            return
        if "blue" in secret.stages:
            body["RemoveFromVersionId"] = secret.stages["blue"]
        secret.label("blue", version)
        self.attempt(client, name, secret, "UpdateSecretVersionStage", body)

    def delete(self, client, name):
        body = {"SecretId": name, "ForceDeleteWithoutRecovery": True}
        self.attempt(client, name, None, "DeleteSecret", body)

    def make_key(self, client):
        description = f"client {self.number}, {self.luck.getrandbits(32)}"
        answer = client.call(WEST, "CreateKey", {"Description": description})
        self.keys[answer["KeyMetadata"]["KeyId"]] = description
        self.calls += 1

    def go_on(self, port):
        client = Client(port)
        try:
            while True:
                names = sorted(self.secrets)
                name = self.luck.choice(names) if names else None
                chance = self.luck.random()
                if name is None or chance < 0.15:
                    self.create(client)
                elif chance < 0.2:
                    self.make_key(client)
                elif chance < 0.25 and not self.secrets[name].replicas:
                    self.delete(client, name)
                elif chance < 0.4:
                    self.label(client, name)
                else:
                    self.put(client, name)
        except Gone:
            pass
        except Exception as error:  # told by the main thread
            self.failure = error

    # ---- after a restart ------------------------------------------------------------------------

    def check(self, client, names):
        for name in names:
            found = look(client, WEST, name)
            self.check_values(name, found)
            allowed = [self.secrets.get(name)]
            if self.pending and self.pending[0] == name:
                allowed.append(self.pending[1])
            fits = [secret for secret in allowed if found == (secret.seen() if secret else None)]
            if not fits:
                raise Wrong(f"{name} is {brief(found)}, and must be one of "
                            f"{[brief(secret.seen()) if secret else None for secret in allowed]}")
            if fits[0] is None:
                self.secrets.pop(name, None)
            else:
                self.secrets[name] = fits[0]
        for key in self.luck.sample(sorted(self.keys), min(5, len(self.keys))):
            found = client.call(WEST, "DescribeKey", {"KeyId": key})["KeyMetadata"]
            if found["Description"] != self.keys[key] or found["KeyState"] != "Enabled":
                raise Wrong(f"key {key}: {found}")
        self.pending = None

    def check_values(self, name, found):
        for value in found[1].values() if found else []:
            if value not in self.written[name]:
                raise Wrong(f"{name} has a value that nobody wrote: {value[:80]}")

    def check_replicas(self, client, names):
        deadline = time.monotonic() + CONVERGES_WITHIN_S
        for name in names:
            if name not in self.secrets:
                continue
            secret = self.secrets[name]
            for region in secret.replicas:
                while True:
                    found = look(client, region, name)
                    self.check_values(name, found)
                    if found == secret.seen():
                        break
                    if time.monotonic() > deadline:
                        wanted = brief(secret.seen())
                        raise Wrong(f"{name} in {region} is {brief(found)} and not {wanted}")
                    time.sleep(0.02)


def look(client, region, name):
    """Labels by version, and values by version; nothing: there is no such secret."""
    try:
        described = client.call(region, "DescribeSecret", {"SecretId": name})
    except Refused as refused:
        if refused.code == "ResourceNotFoundException":
            return None
        raise
    stages_of = described.get("VersionIdsToStages", {})
    labels = {version: set(stages) for version, stages in stages_of.items()}
    values = {}
    for version in labels:
        body = {"SecretId": name, "VersionId": version}
        values[version] = client.call(region, "GetSecretValue", body)["SecretString"]
    return labels, values


def brief(found):
    if found is None:
        return None
    labels, values = found
    return {version[:8]: (sorted(labels[version]), values[version][:40]) for version in labels}


def run(arguments, directory):
    luck = random.Random(arguments.seed)
    stories = [Story(number, random.Random(luck.getrandbits(64))) for number in range(CLIENTS)]
    starts = []
    calls = 0
    busy_s = 0.0
    for number in range(arguments.rounds + 1):
        server = Server(arguments.faultline, directory)
        try:
            starts.append(server.start_s)
            if number == 0:
                server.second_is_refused()
            last = number == arguments.rounds
            client = Client(server.port)
            for story in stories:
                known = sorted(story.secrets)
                names = set(known if last else story.luck.sample(known, min(10, len(known))))
                if story.pending:
                    names.add(story.pending[0])
                story.check(client, sorted(names))
                story.check_replicas(client, sorted(names))
            if last:
                break
            before = sum(story.calls for story in stories)
            threads = [
                threading.Thread(target=story.go_on, args=(server.port,)) for story in stories
            ]
            for thread in threads:
                thread.start()
            works_s = luck.uniform(0.02, 0.5)
            time.sleep(works_s)
        except Wrong as wrong:
            raise Wrong(f"round {number}: {wrong}") from wrong
        finally:
            server.kill()
        for thread in threads:
            thread.join()
        for story in stories:
            if story.failure:
                raise Wrong(f"round {number}: a call failed: {story.failure!r}")
        busy_s += works_s
        calls += sum(story.calls for story in stories) - before
    print(
        f"{arguments.rounds} kills, {calls} calls acknowledged ({calls / busy_s:.0f}/s), "
        f"{sum(len(story.secrets) for story in stories)} secrets and "
        f"{sum(len(story.keys) for story in stories)} keys at the end; "
        f"start to first answer {statistics.median(starts) * 1000:.0f} ms, "
        f"at most {max(starts) * 1000:.0f} ms"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faultline", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", default=tempfile.gettempdir())
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="kill9-", dir=arguments.scratch)
    try:
        run(arguments, os.path.join(directory, "data"))
    except Wrong as wrong:
        kept = os.path.join(directory, "data")
        print(f"seed {arguments.seed}: {wrong}", file=sys.stderr)
        print(f"the data directory is left as it is: {kept}", file=sys.stderr)
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
