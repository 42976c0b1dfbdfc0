"""The guide's flow as a user types it: the AWS CLI, its shorthand, its exit codes, its output."""
import os
import unittest

from harness import case
from harness import clients as makers

SECRET = 'production/DBWest'
IN_SYNC = ('InSync', 'Replication succeeded')


def lacking():
    return None if os.path.exists(makers.AWS) else f'{makers.AWS} is not installed (awscli)'


class GuideWithTheCliTest(case.ServedCase):

    def setUp(self):
        self.cli = makers.Cli(self.server)

    def aws(self, operation, *arguments, region=case.HOME):
        return self.cli.run(region, 'secretsmanager', operation, *arguments)

    def aws_refuses(self, operation, *arguments, region=case.HOME, exit_code=254):
        with self.assertRaises(makers.CommandFailed) as caught:
            self.aws(operation, *arguments, region=region)
        self.assertEqual(caught.exception.exit_code, exit_code, caught.exception.text)
        return caught.exception.text

    def statuses(self, after='5s'):
        self.advance(after)
        described = self.aws('describe-secret', '--secret-id', SECRET)
        return {entry['Region']: (entry['Status'], entry['StatusMessage']) for entry in described['ReplicationStatus']}

    def add_region(self, target, *arguments):
        return self.aws('replicate-secret-to-regions', '--secret-id', SECRET, '--add-replica-regions', target, *arguments)

    def test_the_line_of_the_guide_is_refused_and_the_right_one_works(self):
        """The guide writes `kmskeyid <id> region <region>`, which no CLI has ever taken."""
        text = self.aws_refuses(
            'create-secret', '--name', 'guide/line', '--secret-string', 'x', '--add-replica-regions', 'kmskeyid',
            '1234abcd-12ab-34cd-56ef-1234567890ab', 'region', 'us-east-1', exit_code=252)
        self.assertIn("Expected: '=', received: 'EOF'", text)
        self.assertEqual(self.sm().list_secrets(Filters=[{'Key': 'name', 'Values': ['guide/']}])['SecretList'], [])

        key = self.key('alias/line', case.EAST)['KeyId']
        answer = self.aws(
            'create-secret', '--name', 'guide/line', '--secret-string', 'x', '--add-replica-regions',
            f'Region=us-east-1,KmsKeyId={key}')
        self.assertEqual(answer['ReplicationStatus'], [{'Region': 'us-east-1', 'KmsKeyId': key, 'Status': 'InProgress'}])
        self.server.operate('time', 'advance', '5s')
        self.assertEqual(self.replicas('guide/line'), {'us-east-1': IN_SYNC})
        self.assertEqual(self.sm(case.EAST).describe_secret(SecretId='guide/line')['KmsKeyId'].split('/')[-1], key)

    def test_the_whole_life_of_a_replicated_secret(self):
        # Keys, and a secret with a replica under one of them.
        key = self.cli.run(case.EAST, 'kms', 'create-key', '--description', 'for replicas')['KeyMetadata']
        self.assertIsNone(self.cli.run(
            case.EAST, 'kms', 'create-alias', '--alias-name', 'alias/replica', '--target-key-id', key['KeyId']))
        created = self.aws(
            'create-secret', '--name', SECRET, '--secret-string', 'hunter2', '--add-replica-regions',
            'Region=us-east-1,KmsKeyId=alias/replica')
        arn = created['ARN']
        replica_arn = arn.replace(case.HOME, case.EAST)
        self.assertEqual(created['ReplicationStatus'], [
            {'Region': 'us-east-1', 'KmsKeyId': 'alias/replica', 'Status': 'InProgress'}])
        self.assertEqual(self.statuses(), {'us-east-1': IN_SYNC})
        read = self.aws('get-secret-value', '--secret-id', SECRET, region=case.EAST)
        self.assertEqual((read['SecretString'], read['ARN'], read['VersionId']), ('hunter2', replica_arn, created['VersionId']))
        details = self.aws('describe-secret', '--secret-id', replica_arn, region=case.EAST)
        self.assertEqual(details['PrimaryRegion'], case.HOME)
        self.assertEqual(self.kms(case.EAST).describe_key(KeyId=details['KmsKeyId'])['KeyMetadata']['KeyId'], key['KeyId'])

        # One region more; then four that fail, each in its own way.
        self.sm(case.FRANKFURT).create_secret(Name=SECRET, SecretString='somebody else')
        self.server.fault('cut', '--from', case.HOME, '--to', case.SAO_PAULO)
        self.key('alias/tokyo', case.TOKYO)
        self.server.operate('fault', 'add', 'key-denied', '--region', case.TOKYO, '--key', 'alias/tokyo', '--for', '10m')
        self.aws(
            'replicate-secret-to-regions', '--secret-id', SECRET, '--add-replica-regions', 'Region=eu-west-1',
            'Region=eu-central-1', 'Region=sa-east-1', 'Region=ap-northeast-1,KmsKeyId=alias/tokyo', 'Region=af-south-1')
        got = self.statuses(after='2m')
        self.assertEqual(got.pop('us-east-1'), IN_SYNC)
        self.assertEqual(got.pop('eu-west-1'), IN_SYNC)
        self.assertEqual({status for status, _ in got.values()}, {'Failed'}, got)
        self.assertEqual(got['eu-central-1'][1], f'Replication failed: Secret name {SECRET} already exists in region eu-central-1.')
        self.assertIn('network error', got['sa-east-1'][1])
        self.assertIn('Access to KMS is not allowed', got['ap-northeast-1'][1])
        self.assertIn('not enabled', got['af-south-1'][1])
        self.assertIn('denies everyone the use of alias/tokyo', self.server.operate('fault', 'list'))

        # Mended, overwritten, asked again.
        self.server.heal()
        self.account().enable_region(RegionName=case.CAPE_TOWN)
        self.advance('5m')
        self.add_region('Region=eu-central-1', '--force-overwrite-replica-secret')
        self.aws(
            'replicate-secret-to-regions', '--secret-id', SECRET, '--add-replica-regions', 'Region=sa-east-1',
            'Region=ap-northeast-1,KmsKeyId=alias/tokyo', 'Region=af-south-1')
        regions = ['us-east-1', 'eu-west-1', 'eu-central-1', 'sa-east-1', 'ap-northeast-1', 'af-south-1']
        self.assertEqual(self.statuses(), {region: IN_SYNC for region in regions})

        # A replica is read-only; the primary rotates, and the replica has what the primary has.
        text = self.aws_refuses('put-secret-value', '--secret-id', SECRET, '--secret-string', 'mine', region=case.EAST)
        self.assertEqual(text, 'An error occurred (InvalidParameterException) when calling the PutSecretValue operation: '
                         + case.REPLICA_TEXT)
        self.aws('rotate-secret', '--secret-id', SECRET, '--rotation-lambda-arn', case.ROTATE, '--rotation-rules',
                 'AutomaticallyAfterDays=30')
        self.advance('1m')
        rotated = self.aws('get-secret-value', '--secret-id', SECRET)
        self.assertNotEqual(rotated['SecretString'], 'hunter2')
        self.assertEqual(self.value(SECRET, case.EAST), rotated['SecretString'])

        # Promotion: the ARN stays, and it can be written.
        self.assertEqual(self.aws('stop-replication-to-replica', '--secret-id', SECRET, region=case.EAST), {'ARN': replica_arn})
        self.aws('put-secret-value', '--secret-id', SECRET, '--secret-string', 'mine', region=case.EAST)
        regions.remove('us-east-1')
        self.assertEqual(self.statuses(), {region: IN_SYNC for region in regions})

        # Removal, deletion.
        self.assertEqual(
            self.aws_refuses('delete-secret', '--secret-id', SECRET),
            'An error occurred (InvalidParameterException) when calling the DeleteSecret operation: '
            f"You can't delete secret {arn} that still has replica regions [{', '.join(regions)}].")
        removed = self.aws('remove-regions-from-replication', '--secret-id', SECRET, '--remove-replica-regions', *regions)
        self.assertEqual(removed, {'ARN': arn, 'ReplicationStatus': []})
        self.advance('5m')
        self.assertEqual(
            self.aws_refuses('get-secret-value', '--secret-id', SECRET, region=case.IRELAND),
            'An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: ' + case.NOT_FOUND_TEXT)
        deleted = self.aws('delete-secret', '--secret-id', SECRET, '--recovery-window-in-days', '7')
        self.assertEqual((deleted['ARN'], deleted['Name']), (arn, SECRET))
        self.assertNotIn(SECRET, [entry['Name'] for entry in self.aws('list-secrets')['SecretList']])


class SignedCliTest(case.ServedCase):
    clock = 'real'
    options = ('--auth', 'verify')
    world = case.WORLD_WITH_SIGNER

    def test_its_signatures_are_right_and_others_are_not(self):
        text = 'ä€𝄞 "\\\n'
        known, unknown = makers.Cli(self.server, **case.SIGNER), makers.Cli(self.server)
        known.run(case.HOME, 'secretsmanager', 'create-secret', '--name', 'signed', '--secret-string', text)
        self.assertEqual(known.run(case.HOME, 'secretsmanager', 'get-secret-value', '--secret-id', 'signed')['SecretString'], text)
        with self.assertRaises(makers.CommandFailed) as caught:
            unknown.run(case.HOME, 'secretsmanager', 'list-secrets')
        self.assertEqual((caught.exception.exit_code, caught.exception.text), (
            254, 'An error occurred (UnrecognizedClientException) when calling the ListSecrets operation: '
            'The security token included in the request is invalid.'))


if __name__ == '__main__':
    unittest.main()
