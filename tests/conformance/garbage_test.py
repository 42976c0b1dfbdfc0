"""What no client should send: it gets an error that AWS gives, or a closed connection, and the server goes on."""
import json
import random
import re
import unittest

from harness import case
from harness import raw

JSON = {'Content-Type': 'application/x-amz-json-1.1'}
AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=test/20260101/us-west-2/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature=00'


def head(*lines, length=0):
    text = ['POST / HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/x-amz-json-1.1', 'X-Amz-Target: TrentService.ListKeys',
            f'Authorization: {AUTHORIZATION}', 'X-Amz-Date: 20260101T000000Z', f'Content-Length: {length}', *lines, '', '']
    return '\r\n'.join(text).encode()


class GarbageTest(case.ServedCase):

    def tearDown(self):
        self.assertTrue(self.server.is_running())
        self.kms().list_keys()

    def assert_error(self, sent, code):
        status, document = sent
        self.assertEqual((status, document.get('__type')), (400, code), document)

    def post(self, target, body, **more):
        headers = {**JSON, 'Authorization': AUTHORIZATION, 'X-Amz-Date': '20260101T000000Z'}
        if target is not None:
            headers['X-Amz-Target'] = target
        status, _, answer = raw.post(self.server, headers, body, **more)
        return status, json.loads(answer or b'{}')

    def assert_closed_or_refused(self, received, *allowed):
        """Nothing at all, or answers with the status of a client's mistake; and the server has closed, not left us hanging."""
        self.assertNotIn(b'<timeout>', received)
        statuses = [int(status) for status in re.findall(rb'HTTP/1\.1 (\d{3})', received)]
        if received:
            self.assertTrue(received.startswith(b'HTTP/1.1 '), received[:200])
        for status in statuses:
            self.assertIn(status, allowed or (400, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505), received[:500])

    def test_targets_that_are_none(self):
        for target in ('TrentService.Nonsense', 'secretsmanager.Nonsense', 'TrentService.CreateSecret', 'secretsmanager.ListKeys',
                       'secretsmanager', 'SecretsManager.ListSecrets', '.', '', 'DynamoDB_20120810.ListTables', None):
            with self.subTest(target):
                self.assert_error(self.post(target, b'{}'), 'UnknownOperationException')

    def test_bodies_that_are_no_json(self):
        for body in (b'{', b'[]', b'null', b'"text"', b'{"Limit":}', b'\xff\xfe', b'{"Limit":1}}', b'{"Limit":NaN}', b'{"a":"\xc3\x28"}',
                     b'[' * 100_000, b'{"a":' * 20_000):
            with self.subTest(body[:20]):
                status, document = self.post('TrentService.ListKeys', body)
                self.assertEqual((status, document.get('__type')), (400, 'SerializationException'), document)

    def test_values_of_the_wrong_type(self):
        for target, body in (
                ('TrentService.ListKeys', b'{"Limit":"1"}'), ('TrentService.ListKeys', b'{"Limit":[1]}'),
                ('TrentService.DescribeKey', b'{"KeyId":1}'), ('TrentService.DescribeKey', b'{"KeyId":{"a":"b"}}'),
                ('secretsmanager.GetSecretValue', b'{"SecretId":true}'), ('secretsmanager.TagResource', b'{"SecretId":"a","Tags":{}}'),
                ('secretsmanager.TagResource', b'{"SecretId":"a","Tags":["b"]}'),
                ('TrentService.Encrypt', b'{"KeyId":"a","Plaintext":"*not base64*"}'),
                ('TrentService.Encrypt', b'{"KeyId":"a","Plaintext":"YQ==","EncryptionContext":["a"]}')):
            with self.subTest(body):
                self.assert_error(self.post(target, body), 'SerializationException')

    def test_members_that_nobody_knows_and_nulls_are_as_if_they_were_absent(self):
        for body in (b'', b'{}', b'{"Limit":null}', b'{"Unknown":{"a":[1,2]},"Limit":5}'):
            status, document = self.post('TrentService.ListKeys', body)
            self.assertEqual(status, 200, (body, document))

    def test_methods_and_paths_that_are_none(self):
        for method, path in (('GET', '/'), ('PUT', '/'), ('DELETE', '/'), ('POST', '/nothing'), ('POST', '/../../etc/passwd'),
                             ('POST', '/_faultline/v1'), ('POST', '/_faultline/v2'), ('OPTIONS', '*')):
            with self.subTest(method=method, path=path):
                status, _, _ = raw.post(self.server, {**JSON, 'Content-Length': '2'}, b'{}', path=path, method=method)
                self.assertTrue(400 <= status < 500, status)

    def test_half_requests(self):
        whole = head(length=2) + b'{}'
        for end in (1, 10, 40, len(whole) - 3, len(whole) - 1):
            with self.subTest(end):
                self.assert_closed_or_refused(raw.talk(self.server, whole[:end], half_close=True))
        # In two pieces, it is one.
        for cut in (3, 60, len(whole) - 1):
            received = raw.talk(self.server, whole[:cut], whole[cut:], half_close=True)
            self.assertTrue(received.startswith(b'HTTP/1.1 200 '), received[:200])

    def test_requests_one_behind_the_other_are_answered_in_order(self):
        second = head(length=13).replace(b'ListKeys', b'DescribeKey') + b'{"KeyId":"a"}'
        received = raw.talk(self.server, head(length=2) + b'{}' + second + head('Connection: close', length=2) + b'{}')
        self.assertEqual(re.findall(rb'HTTP/1\.1 (\d{3})', received), [b'200', b'400', b'200'])

    def test_other_ways_to_say_the_same(self):
        chunked = head('Transfer-Encoding: chunked').replace(b'Content-Length: 0\r\n', b'') + b'1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'
        self.assertTrue(raw.talk(self.server, chunked, half_close=True).startswith(b'HTTP/1.1 200 '))
        waited = raw.talk(self.server, head('Expect: 100-continue', length=2), b'{}', half_close=True)
        self.assertTrue(waited.startswith(b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 '), waited)
        old = head(length=2).replace(b'HTTP/1.1', b'HTTP/1.0') + b'{}'
        self.assertTrue(raw.talk(self.server, old).startswith(b'HTTP/1.1 200 '))
        with_charset = head(length=2).replace(b'json-1.1', b'json-1.1; charset=utf-8').replace(b'Host:', b'hOST:') + b'{}'
        self.assertTrue(raw.talk(self.server, with_charset, half_close=True).startswith(b'HTTP/1.1 200 '))

    def test_bytes_that_are_no_http(self):
        luck = random.Random(1)
        for sent in (
                b'\r\n\r\n\r\n\r\n', b'GET\r\n\r\n', b'POST / HTTP/9.9\r\n\r\n', b'POST / HTTP/1.1\r\nno colon\r\n\r\n',
                b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(500), b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
                b'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', b'POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n',
                b'POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
                b'POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
                b'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
                b'POST / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n', b'POST /' + b'a' * 70_000 + b' HTTP/1.1\r\n\r\n',
                b'POST / HTTP/1.1\r\n' + b'X-Long: ' + b'a' * 70_000 + b'\r\n\r\n',
                b'POST / HTTP/1.1\r\n' + b''.join(b'X-%d: a\r\n' % number for number in range(10_000)) + b'\r\n',
                *(luck.randbytes(luck.randint(1, 2000)) for _ in range(30))):
            with self.subTest(sent[:40]):
                self.assert_closed_or_refused(raw.talk(self.server, sent, pause_s=0, half_close=True))

    def test_a_body_that_is_too_long(self):
        for length in (10_000_000, 10_000_000_000):
            received = raw.talk(self.server, head(length=length), b'{"a":"' + b'x' * 400_000, pause_s=0)
            self.assert_closed_or_refused(received, 400, 413)

    def test_clients_that_go_away(self):
        for _ in range(50):
            with raw.socket.create_connection(('127.0.0.1', self.server.port)) as connection:
                connection.sendall(head(length=2) + b'{}')
                connection.setsockopt(raw.socket.SOL_SOCKET, raw.socket.SO_LINGER, b'\x01\x00\x00\x00\x00\x00\x00\x00')

    def test_mutated_requests(self):
        """A good request with bytes changed, left out or put in: never a 500, never a hang."""
        luck = random.Random(2)
        good = head(length=31) + b'{"KeyId":"alias/none","Limit":1}'[:31]
        for _ in range(200):
            bytes_ = bytearray(good)
            for _ in range(luck.randint(1, 4)):
                at = luck.randrange(len(bytes_))
                kind = luck.randrange(3)
                if kind == 0:
                    bytes_[at] = luck.randrange(256)
                elif kind == 1:
                    del bytes_[at]
                else:
                    bytes_.insert(at, luck.randrange(256))
            received = raw.talk(self.server, bytes(bytes_), pause_s=0, half_close=True)
            self.assert_closed_or_refused(received, 200, 400, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505)


if __name__ == '__main__':
    unittest.main()
