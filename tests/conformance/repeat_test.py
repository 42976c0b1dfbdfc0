"""One seed is one run, with clients too: two servers give the same answers, and a recorded session runs again as a scenario."""
import json
import os
import re
import subprocess
import tempfile
import unittest

from harness import case
from harness import raw
from harness import server as servers


def token(number):
    return f'token-{number:032d}'


def session(server):
    """Calls, faults and time; every answer."""
    answers = []

    def call(operation, members, service='secretsmanager', region=case.HOME):
        answers.append(raw.call(server, service, operation, members, region))
        return answers[-1][1]

    key = call('CreateKey', {'Description': 'of the east'}, 'kms', case.EAST)['KeyMetadata']['KeyId']
    call('CreateAlias', {'AliasName': 'alias/east', 'TargetKeyId': key}, 'kms', case.EAST)
    call('CreateSecret', {'Name': 'again', 'SecretString': 'one', 'ClientRequestToken': token(1),
                          'AddReplicaRegions': [{'Region': case.EAST, 'KmsKeyId': 'alias/east'}, {'Region': case.IRELAND}]})
    server.advance('5s')
    server.fault('cut', '--from', case.HOME, '--to', case.EAST, '--for', '20s')
    server.fault('key-denied', '--region', case.IRELAND)
    call('PutSecretValue', {'SecretId': 'again', 'SecretString': 'two', 'ClientRequestToken': token(2)})
    call('GetSecretValue', {'SecretId': 'again'}, region=case.EAST)
    call('GetSecretValue', {'SecretId': 'again'}, region=case.IRELAND)
    server.advance('2m')
    server.heal()
    call('DescribeSecret', {'SecretId': 'again'})
    call('ReplicateSecretToRegions', {'SecretId': 'again', 'AddReplicaRegions': [{'Region': case.IRELAND}, {'Region': case.EAST}]})
    server.advance('5s')
    call('RotateSecret', {'SecretId': 'again', 'ClientRequestToken': token(3), 'RotationLambdaARN': case.ROTATE,
                          'RotationRules': {'AutomaticallyAfterDays': 30}})
    server.advance('1m')
    call('GetRandomPassword', {})
    call('GenerateDataKey', {'KeyId': 'alias/east', 'KeySpec': 'AES_256'}, 'kms', case.EAST)
    call('PutSecretValue', {'SecretId': 'again', 'SecretString': 'x', 'ClientRequestToken': token(4)}, region=case.EAST)
    call('StopReplicationToReplica', {'SecretId': 'again'}, region=case.EAST)
    call('PutSecretValue', {'SecretId': 'again', 'SecretString': 'mine', 'ClientRequestToken': token(5)}, region=case.EAST)
    server.advance('31d')
    for region in (case.HOME, case.EAST, case.IRELAND):
        call('GetSecretValue', {'SecretId': 'again'}, region=region)
        call('DescribeSecret', {'SecretId': 'again'}, region=region)
    return answers


class RepeatTest(unittest.TestCase):
    maxDiff = None

    def test_two_servers_give_the_same_answers(self):
        seen = []
        for seed in (7, 7, 8):
            server = servers.Server(seed=seed)
            try:
                answers = session(server)
                state = re.search(r'state hash (\w+)', server.operate('world', 'status', '--hash')).group(1)
                seen.append((json.dumps(answers, indent=1), state))
            finally:
                self.assertEqual(server.stop(), 0)
        self.assertEqual(seen[0], seen[1])
        self.assertNotEqual(seen[0][1], seen[2][1])

    def test_a_recorded_session_runs_again_with_the_same_hash(self):
        # Without a seed, the directory that keeps the world has one of its own.
        for clock, seed, kept in (('manual', 1, False), ('x50', 1, False), ('manual', None, True)):
            with self.subTest(clock=clock, kept=kept), tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'session.textproto')
                options = ['--data-dir', os.path.join(folder, 'world')] if kept else []
                server = servers.Server('--record', path, *options, clock=clock, seed=seed)
                try:
                    if clock == 'manual':
                        session(server)
                    else:
                        raw.call(server, 'secretsmanager', 'CreateSecret', {
                            'Name': 'again', 'SecretString': 'one', 'ClientRequestToken': token(1),
                            'AddReplicaRegions': [{'Region': case.EAST}]})
                        server.fault('cut', '--from', case.HOME, '--to', case.EAST, '--for', '2s')
                        raw.call(server, 'secretsmanager', 'PutSecretValue', {
                            'SecretId': 'again', 'SecretString': 'two', 'ClientRequestToken': token(2)})
                finally:
                    self.assertEqual(server.stop(), 0)
                recorded = re.search(r'hash ([0-9a-f]{32})', server.farewell)
                self.assertIsNotNone(recorded, server.farewell)
                done = subprocess.run([servers.command(), 'run', path], capture_output=True, text=True, timeout=120, check=False,
                                      env=servers.environment(folder))
                self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
                self.assertIn(recorded.group(1), done.stdout)


if __name__ == '__main__':
    unittest.main()
