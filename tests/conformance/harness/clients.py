"""boto3, and the AWS CLI, pointed at a server."""
import json
import os
import subprocess

import boto3
import botocore.config
import botocore.exceptions
import botocore.session

from harness import server as servers
from harness import shapes

MODELS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'models')
AWS = '/usr/bin/aws'


def isolate():
    """This process sees what the other clients see: our settings and no one else's."""
    for name in [name for name in os.environ if name.startswith('AWS_') or name.lower().endswith('_proxy')]:
        del os.environ[name]
    os.environ.update({k: v for k, v in servers.environment('/nonexistent').items() if k.startswith('AWS_')})
    os.environ['AWS_DATA_PATH'] = MODELS


class Clients:
    """boto3 clients of one server, each made once; every answer of theirs is judged."""

    _session = None

    def __init__(self, server, judge=None, key_id='test', secret='test'):
        self.server = server
        self.judge = judge or shapes.Judge()
        self._credentials = {'aws_access_key_id': key_id, 'aws_secret_access_key': secret}
        self._made = {}
        self._others = []

    def get(self, service, region):
        if (service, region) not in self._made:
            if Clients._session is None:
                Clients._session = boto3.session.Session(botocore_session=botocore.session.get_session())
            client = Clients._session.client(
                service, region_name=region, endpoint_url=self.server.url, **self._credentials,
                config=botocore.config.Config(retries={'max_attempts': 0}, read_timeout=60))
            self.judge.watch(client)
            self._made[(service, region)] = client
        return self._made[(service, region)]

    def as_principal(self, key_id, secret):
        """The same server, asked by somebody else."""
        self._others.append(Clients(self.server, self.judge, key_id, secret))
        return self._others[-1]

    def close(self):
        for client in self._made.values():
            client.close()
        for other in self._others:
            other.close()


class CommandFailed(Exception):
    """The AWS CLI said no."""

    def __init__(self, done):
        super().__init__(done.stderr)
        self.exit_code = done.returncode
        # It says so because AWS_MAX_ATTEMPTS is 1.
        self.text = done.stderr.strip().replace(' (reached max retries: 0)', '')


class Cli:
    """The AWS CLI, as a user types it."""

    def __init__(self, server, **environment):
        self.server = server
        self.environment = environment

    def run(self, region, *arguments):
        """What `aws` printed, parsed; raises CommandFailed."""
        done = subprocess.run(
            [AWS, '--endpoint-url', self.server.url, '--region', region, '--output', 'json', *arguments],
            capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
            env={**servers.environment(self.server.folder), **self.environment})
        if done.returncode != 0:
            raise CommandFailed(done)
        return json.loads(done.stdout) if done.stdout.strip() else None
