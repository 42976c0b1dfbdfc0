"""Ten thousand requests over 64 connections that stay open, while faults come and go: no error that AWS would not give, no
connection lost, and afterwards the world is as the last answers said."""
import asyncio
import json
import random
import unittest

from harness import case
from harness import raw

REQUESTS = 10_000
CONNECTIONS = 64
SECRETS = 8
FAULTS = [
    ('api-throttled', '--region', case.HOME, '--operation', 'GetSecretValue'),
    ('kms-unavailable', '--region', case.EAST),
    ('cut', '--from', case.HOME, '--to', case.EAST),
    ('api-fails', '--region', case.IRELAND),
    ('key-denied', '--region', case.HOME, '--key', 'alias/load'),
    ('kms-slow', '--region', case.HOME, '--delay', '50ms'),
    ('control-plane-down', '--region', case.HOME),
    ('kms-throttled', '--region', case.IRELAND),
    ('key-disabled', '--region', case.HOME, '--key', 'alias/load'),
]


class Connection:
    """One keep-alive connection that asks and reads, and nothing more clever."""

    async def open(self, port):
        self.reader, self.writer = await asyncio.open_connection('127.0.0.1', port)
        self.port = port

    async def ask(self, service, region, operation, members):
        body = json.dumps(members).encode()
        self.writer.write((
            'POST / HTTP/1.1\r\n'
            f'Host: 127.0.0.1:{self.port}\r\n'
            'Content-Type: application/x-amz-json-1.1\r\n'
            f'X-Amz-Target: {raw.TARGETS[service]}{operation}\r\n'
            'X-Amz-Date: 20260101T000000Z\r\n'
            f'Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, '
            'SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=' + '0' * 64 + '\r\n'
            f'Content-Length: {len(body)}\r\n\r\n').encode() + body)
        lines = (await self.reader.readuntil(b'\r\n\r\n')).decode().split('\r\n')
        headers = dict(line.split(': ', 1) for line in lines[1:] if line)
        headers = {name.lower(): text for name, text in headers.items()}
        answer = await self.reader.readexactly(int(headers['content-length']))
        return int(lines[0].split(' ')[1]), headers, answer


class LoadTest(case.ServedCase):
    clock = 'real'

    def draw(self, luck):
        """What is asked next: (service, region, operation, members)."""
        region = luck.choice((case.HOME, case.EAST, case.IRELAND))
        name = f'load/{luck.randrange(SECRETS)}'
        kind = luck.randrange(100)
        if kind < 70:
            return 'secretsmanager', region, 'GetSecretValue', {'SecretId': name}
        if kind < 80:
            return 'secretsmanager', region, 'DescribeSecret', {'SecretId': name}
        if kind < 84:
            return 'secretsmanager', region, 'ListSecrets', {}
        if kind < 90:
            token = ''.join(luck.choice('0123456789abcdef') for _ in range(36))
            return 'secretsmanager', case.HOME, 'PutSecretValue', {
                'SecretId': name, 'SecretString': token, 'ClientRequestToken': token}
        if kind < 92:
            return 'secretsmanager', region, 'GetSecretValue', {'SecretId': 'load/nothing'}
        if kind < 96:
            return 'kms', case.HOME, 'GenerateDataKey', {'KeyId': 'alias/load', 'KeySpec': 'AES_256'}
        return 'kms', case.HOME, 'Encrypt', {'KeyId': 'alias/load', 'Plaintext': 'aGVsbG8='}

    async def client(self, number, models, codes):
        luck = random.Random(number)
        connection = Connection()
        await connection.open(self.server.port)
        for _ in range(REQUESTS // CONNECTIONS + 1):
            service, region, operation, members = self.draw(luck)
            status, headers, body = await connection.ask(service, region, operation, members)
            model = models[service]
            self.clients.judge.judge(model.operation_model(operation), model.service_id.hyphenize(), status, headers, body)
            code = 'ok' if status == 200 else json.loads(body)['__type']
            codes[code] = codes.get(code, 0) + 1
        connection.writer.close()

    async def trouble(self, done):
        """Faults, one after the other and overlapping a little, until the clients are done."""
        number = 0
        while not done.is_set():
            await asyncio.to_thread(self.server.fault, *FAULTS[number % len(FAULTS)], '--for', '400ms')
            await asyncio.sleep(0.25)
            number += 1
        return number

    async def storm(self, models, codes):
        done = asyncio.Event()
        trouble = asyncio.create_task(self.trouble(done))
        try:
            await asyncio.gather(*(self.client(number, models, codes) for number in range(CONNECTIONS)))
        finally:
            done.set()
        return await trouble

    def test_ten_thousand_requests_while_faults_come_and_go(self):
        self.key('alias/load')
        for number in range(SECRETS):
            more = {'KmsKeyId': 'alias/load'} if number % 2 else {}
            self.sm().create_secret(Name=f'load/{number}', SecretString='first', **more,
                                    AddReplicaRegions=[{'Region': case.EAST}, {'Region': case.IRELAND}])
        models = {service: self.clients.get(service, case.HOME).meta.service_model for service in raw.TARGETS}
        codes = {}
        faults = asyncio.run(self.storm(models, codes))
        print(f'\n  {sum(codes.values())} answers, {faults} faults: {dict(sorted(codes.items()))}')
        self.assertGreaterEqual(sum(codes.values()), REQUESTS)
        self.assertGreater(codes['ok'], REQUESTS // 4)
        self.assertGreater(len(codes), 3, 'no fault was felt')

        # Mended and asked again: all hold what the primary holds.
        self.server.heal()
        for number in range(SECRETS):
            name = f'load/{number}'
            failed = [{'Region': region} for region, (status, _) in self.replicas(name).items() if status == 'Failed']
            if failed:
                self.sm().replicate_secret_to_regions(SecretId=name, AddReplicaRegions=failed)
        self.eventually(lambda: all(
            set(self.replicas(f'load/{number}').values()) == {('InSync', 'Replication succeeded')} for number in range(SECRETS)))
        for number in range(SECRETS):
            name = f'load/{number}'
            self.assertEqual(len({self.value(name, region) for region in (case.HOME, case.EAST, case.IRELAND)}), 1)


if __name__ == '__main__':
    unittest.main()
