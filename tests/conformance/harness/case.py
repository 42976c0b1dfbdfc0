"""The base of the tests: a server for each class, clients for it, and verbs."""
import time
import unittest

import botocore.exceptions

from harness import clients as makers
from harness import server as servers

HOME = 'us-west-2'
EAST = 'us-east-1'
IRELAND = 'eu-west-1'
FRANKFURT = 'eu-central-1'
SAO_PAULO = 'sa-east-1'
TOKYO = 'ap-northeast-1'
CAPE_TOWN = 'af-south-1'
ROTATE = f'arn:aws:lambda:{HOME}:123456789012:function:rotate'

REPLICA_TEXT = "Operation not permitted on a replica secret. Call must be made in primary secret's region."
NOT_FOUND_TEXT = "Secrets Manager can't find the specified secret."
DELETED_TEXT = "You can't perform this operation on the secret because it was marked for deletion."


# Somebody whose signatures are verified.
SIGNER = {'AWS_ACCESS_KEY_ID': 'AKIAIOSFODNN7EXAMPLE', 'AWS_SECRET_ACCESS_KEY': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'}
WORLD_WITH_SIGNER = servers.WORLD + (
    f'principal {{ name: "signer" access_key_id: "{SIGNER["AWS_ACCESS_KEY_ID"]}" '
    f'secret_access_key: "{SIGNER["AWS_SECRET_ACCESS_KEY"]}" }}\n')


class ServedCase(unittest.TestCase):
    """A class of tests and its server, which must live through all of them and end well."""

    maxDiff = None
    longMessage = True
    clock = 'manual'
    options = ()
    world = servers.WORLD

    @classmethod
    def setUpClass(cls):
        cls.server = servers.Server(*cls.options, world=cls.world, clock=cls.clock)
        cls.clients = makers.Clients(cls.server)
        cls.addClassCleanup(cls._stop)

    @classmethod
    def _stop(cls):
        cls.clients.close()
        log = cls.server.log()
        alive = cls.server.is_running()
        code = cls.server.stop()
        if not alive or code != 0:
            raise AssertionError(f'the server {"did not end well" if alive else "died"}: exit code {code}\n{log}')

    def sm(self, region=HOME):
        return self.clients.get('secretsmanager', region)

    def kms(self, region=HOME):
        return self.clients.get('kms', region)

    def account(self):
        return self.clients.get('account', 'us-east-1')

    def advance(self, duration):
        self.server.advance(duration)

    def eventually(self, condition, within_s=60):
        """With a real clock: waits until it is so."""
        until = time.monotonic() + within_s
        while not condition():
            self.assertLess(time.monotonic(), until, 'it did not come to be')
            time.sleep(0.2)

    # ---- names, keys, secrets --------------------------------------------------------------------------------------

    def name(self, suffix='secret'):
        """A secret's name that no other test of the class uses."""
        return f'{self.id().rsplit(".", 1)[-1]}/{suffix}'

    def key(self, alias, region=HOME, **more):
        """A customer managed key with an alias; its metadata."""
        metadata = self.kms(region).create_key(**more)['KeyMetadata']
        self.kms(region).create_alias(AliasName=alias, TargetKeyId=metadata['KeyId'])
        return metadata

    def value(self, secret_id, region=HOME, **which):
        return self.sm(region).get_secret_value(SecretId=secret_id, **which)['SecretString']

    def stages(self, secret_id, region=HOME):
        """Version ids and their labels."""
        return self.sm(region).describe_secret(SecretId=secret_id).get('VersionIdsToStages', {})

    def replicas(self, secret_id, region=HOME):
        """The primary's word on its replicas: by region, status and text."""
        answer = self.sm(region).describe_secret(SecretId=secret_id)
        entries = answer.get('ReplicationStatus', [])
        self.assertEqual(len({entry['Region'] for entry in entries}), len(entries), entries)
        return {entry['Region']: (entry['Status'], entry.get('StatusMessage')) for entry in entries}

    def replicated(self, secret_id, *regions, value='first'):
        """A secret with replicas, all InSync; the answer of CreateSecret."""
        answer = self.sm().create_secret(
            Name=secret_id, SecretString=value, AddReplicaRegions=[{'Region': region} for region in regions])
        self.advance('5s')
        in_sync = ('InSync', 'Replication succeeded')
        self.assertEqual(self.replicas(secret_id), {region: in_sync for region in regions})
        return answer

    # ---- refusals --------------------------------------------------------------------------------------------------

    def assert_refused(self, code, text, operation, **members):
        """The operation fails with this code and this text, byte for byte; None: any will do. Answers the text."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            operation(**members)
        error = caught.exception.response['Error']
        if code is not None:
            self.assertEqual(error['Code'], code, error)
        if text is not None:
            self.assertEqual(error.get('Message', ''), text)
        return error.get('Message', '')
