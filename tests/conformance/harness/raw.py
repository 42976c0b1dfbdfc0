"""HTTP by hand, for what no client would send: signed by botocore's signer, or not at all."""
import datetime
import http.client
import json
import socket
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials

TARGETS = {'secretsmanager': 'secretsmanager.', 'kms': 'TrentService.'}


def signed_headers(server, service, region, target, body, key_id='test', secret='test', token=None, at=None, extra=None):
    """The headers of a POST with a signature of version 4, as an SDK makes them; `at` is when (UTC)."""
    headers = {'Content-Type': 'application/x-amz-json-1.1', 'Host': f'127.0.0.1:{server.port}', **(extra or {})}
    if target is not None:
        headers['X-Amz-Target'] = target
    request = botocore.awsrequest.AWSRequest('POST', server.url + '/', headers=headers, data=body)
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key_id, secret, token), service, region)
    if at is None:
        signer.add_auth(request)
    else:
        _sign_at(signer, request, at)
    return dict(request.headers.items())


def _sign_at(signer, request, at):
    class At(datetime.datetime):
        """botocore asks this class for the time."""

        @classmethod
        def utcnow(cls):
            return at

    class Module:
        datetime = At

    before = botocore.auth.datetime
    botocore.auth.datetime = Module
    try:
        signer.add_auth(request)
    finally:
        botocore.auth.datetime = before


def post(server, headers, body, path='/', method='POST'):
    """(status, headers in lower case, body) of one exchange on its own connection."""
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


def call(server, service, operation, members, region='us-west-2', **signing):
    """(status, document) of an operation called with members that no client checks."""
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    headers = signed_headers(server, service, region, TARGETS[service] + operation, body, **signing)
    status, _, answer = post(server, headers, body)
    return status, json.loads(answer or b'{}')


def talk(server, *pieces, pause_s=0.05, half_close=False, timeout_s=20):
    """Sends bytes as they are; answers all that comes until the server closes, or nothing more comes in time."""
    received = b''
    with socket.create_connection(('127.0.0.1', server.port), timeout=timeout_s) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause_s)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                received += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
        except TimeoutError:
            received += b'<timeout>'
    return received
