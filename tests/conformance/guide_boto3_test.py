"""The guide's flow with boto3: replicas and keys, what fails and how it is mended, rotation, promotion, removal, deletion."""
import unittest

from harness import case

SECRET = 'production/DBWest'
IN_SYNC = ('InSync', 'Replication succeeded')


class GuideWithBoto3Test(case.ServedCase):

    def replica(self, region, *, after='5s'):
        self.advance(after)
        return self.replicas(SECRET)[region]

    def add_region(self, region, key=None, **more):
        target = {'Region': region, **({'KmsKeyId': key} if key else {})}
        answer = self.sm().replicate_secret_to_regions(SecretId=SECRET, AddReplicaRegions=[target], **more)
        entry = next(entry for entry in answer['ReplicationStatus'] if entry['Region'] == region)
        self.assertEqual(entry, {'Region': region, 'KmsKeyId': key or 'alias/aws/secretsmanager', 'Status': 'InProgress'})
        return answer

    def test_the_whole_life_of_a_replicated_secret(self):
        self.creates_with_a_replica_and_its_key()
        self.adds_a_region_later()
        self.meets_somebody_of_that_name()
        self.may_not_use_the_key()
        self.replicates_to_a_region_that_is_off()
        self.loses_the_network()
        self.writes_and_both_regions_see_it()
        self.rotates()
        self.promotes()
        self.removes_and_deletes()

    def creates_with_a_replica_and_its_key(self):
        self.key('alias/replica', case.EAST, Description='for replicas')
        created = self.sm().create_secret(
            Name=SECRET, SecretString='hunter2', Description='the west', Tags=[{'Key': 'stage', 'Value': 'production'}],
            AddReplicaRegions=[{'Region': case.EAST, 'KmsKeyId': 'alias/replica'}])
        self.assertEqual(created['ReplicationStatus'], [
            {'Region': case.EAST, 'KmsKeyId': 'alias/replica', 'Status': 'InProgress'}])
        self.arn = created['ARN']
        self.replica_arn = self.arn.replace(case.HOME, case.EAST)
        self.assertEqual(self.replica(case.EAST), IN_SYNC)

        primary = self.sm().describe_secret(SecretId=SECRET)
        self.assertEqual(primary['PrimaryRegion'], case.HOME)
        replica = self.sm(case.EAST).describe_secret(SecretId=SECRET)
        self.assertEqual(replica['ARN'], self.replica_arn)
        self.assertEqual(replica['PrimaryRegion'], case.HOME)
        self.assertEqual(replica['VersionIdsToStages'], primary['VersionIdsToStages'])
        self.assertEqual(replica['Description'], 'the west')
        self.assertEqual(replica['Tags'], [{'Key': 'stage', 'Value': 'production'}])
        for secret_id in (SECRET, self.replica_arn, self.replica_arn[:-7]):
            read = self.sm(case.EAST).get_secret_value(SecretId=secret_id)
            self.assertEqual((read['SecretString'], read['VersionId']), ('hunter2', created['VersionId']))

    def adds_a_region_later(self):
        answer = self.add_region(case.IRELAND)
        self.assertEqual(answer['ARN'], self.arn)
        self.assertEqual([entry['Region'] for entry in answer['ReplicationStatus']], [case.EAST, case.IRELAND])
        self.assertEqual(self.replica(case.IRELAND), IN_SYNC)
        self.assertEqual(self.value(SECRET, case.IRELAND), 'hunter2')

    def meets_somebody_of_that_name(self):
        other = self.sm(case.FRANKFURT).create_secret(Name=SECRET, SecretString='somebody else')
        self.add_region(case.FRANKFURT)
        self.assertEqual(self.replica(case.FRANKFURT), (
            'Failed', f'Replication failed: Secret name {SECRET} already exists in region {case.FRANKFURT}.'))
        self.assertEqual(self.value(SECRET, case.FRANKFURT), 'somebody else')
        self.add_region(case.FRANKFURT, ForceOverwriteReplicaSecret=True)
        self.assertEqual(self.replica(case.FRANKFURT), IN_SYNC)
        mine = self.sm(case.FRANKFURT).get_secret_value(SecretId=SECRET)
        self.assertEqual(mine['SecretString'], 'hunter2')
        self.assertEqual(mine['ARN'][-6:], self.arn[-6:])
        self.assertNotEqual(mine['ARN'], other['ARN'])
        self.assert_refused('ResourceNotFoundException', case.NOT_FOUND_TEXT, self.sm(case.FRANKFURT).get_secret_value,
                            SecretId=other['ARN'])

    def may_not_use_the_key(self):
        self.key('alias/tokyo', case.TOKYO)
        self.server.fault('key-denied', '--region', case.TOKYO, '--key', 'alias/tokyo')
        self.add_region(case.TOKYO, 'alias/tokyo')
        status, text = self.replica(case.TOKYO)
        self.assertEqual(status, 'Failed')
        self.assertIn('Access to KMS is not allowed', text)
        self.assert_refused('ResourceNotFoundException', case.NOT_FOUND_TEXT, self.sm(case.TOKYO).get_secret_value,
                            SecretId=SECRET)
        self.server.heal()
        self.add_region(case.TOKYO, 'alias/tokyo')
        self.assertEqual(self.replica(case.TOKYO), IN_SYNC)
        self.assertEqual(self.value(SECRET, case.TOKYO), 'hunter2')

    def replicates_to_a_region_that_is_off(self):
        self.assertEqual(self.account().get_region_opt_status(RegionName=case.CAPE_TOWN)['RegionOptStatus'], 'DISABLED')
        self.assert_refused('UnrecognizedClientException', 'The security token included in the request is invalid.',
                            self.sm(case.CAPE_TOWN).list_secrets)
        self.add_region(case.CAPE_TOWN)
        status, text = self.replica(case.CAPE_TOWN)
        self.assertEqual(status, 'Failed')
        self.assertIn('not enabled', text)
        self.account().enable_region(RegionName=case.CAPE_TOWN)
        self.assertEqual(self.account().get_region_opt_status(RegionName=case.CAPE_TOWN)['RegionOptStatus'], 'ENABLING')
        self.advance('5m')
        self.assertEqual(self.account().get_region_opt_status(RegionName=case.CAPE_TOWN)['RegionOptStatus'], 'ENABLED')
        self.add_region(case.CAPE_TOWN)
        self.assertEqual(self.replica(case.CAPE_TOWN), IN_SYNC)
        self.assertEqual(self.value(SECRET, case.CAPE_TOWN), 'hunter2')

    def loses_the_network(self):
        self.server.fault('cut', '--from', case.HOME, '--to', case.SAO_PAULO)
        self.add_region(case.SAO_PAULO)
        self.assertEqual(self.replica(case.SAO_PAULO, after='1s')[0], 'InProgress')
        status, text = self.replica(case.SAO_PAULO, after='2m')
        self.assertEqual(status, 'Failed')
        self.assertIn('network error', text)
        self.server.heal()
        self.add_region(case.SAO_PAULO)
        self.assertEqual(self.replica(case.SAO_PAULO), IN_SYNC)

    def writes_and_both_regions_see_it(self):
        first = self.sm().get_secret_value(SecretId=SECRET)['VersionId']
        second = self.sm().update_secret(SecretId=SECRET, SecretString='hunter3')['VersionId']
        self.advance('5s')
        expected = {first: ['AWSPREVIOUS'], second: ['AWSCURRENT']}
        for region in (case.HOME, case.EAST, case.IRELAND, case.FRANKFURT, case.TOKYO, case.CAPE_TOWN, case.SAO_PAULO):
            self.assertEqual(self.stages(SECRET, region), expected, region)
            self.assertEqual(self.value(SECRET, region), 'hunter3', region)

    def rotates(self):
        answer = self.sm().rotate_secret(
            SecretId=SECRET, RotationLambdaARN=case.ROTATE, RotationRules={'AutomaticallyAfterDays': 30})
        self.advance('1m')
        primary = self.sm().describe_secret(SecretId=SECRET)
        self.assertTrue(primary['RotationEnabled'])
        self.assertEqual(primary['RotationRules'], {'AutomaticallyAfterDays': 30})
        self.assertEqual(primary['RotationLambdaARN'], case.ROTATE)
        self.assertGreater(primary['NextRotationDate'], primary['LastRotatedDate'])
        self.assertIn('AWSCURRENT', primary['VersionIdsToStages'][answer['VersionId']])
        new = self.value(SECRET)
        self.assertNotEqual(new, 'hunter3')
        self.assertEqual(self.value(SECRET, VersionStage='AWSPREVIOUS'), 'hunter3')
        self.assertEqual(self.value(SECRET, case.EAST), new)
        self.assert_refused('InvalidParameterException', case.REPLICA_TEXT, self.sm(case.EAST).rotate_secret, SecretId=SECRET)
        self.sm().cancel_rotate_secret(SecretId=SECRET)
        self.assertFalse(self.sm().describe_secret(SecretId=SECRET)['RotationEnabled'])

    def promotes(self):
        self.assert_refused('InvalidParameterException', case.REPLICA_TEXT, self.sm(case.EAST).put_secret_value,
                            SecretId=SECRET, SecretString='mine')
        self.assertEqual(self.sm(case.EAST).stop_replication_to_replica(SecretId=SECRET)['ARN'], self.replica_arn)
        self.advance('5s')
        self.assertNotIn(case.EAST, self.replicas(SECRET))
        promoted = self.sm(case.EAST).describe_secret(SecretId=SECRET)
        self.assertEqual(promoted['ARN'], self.replica_arn)
        self.assertNotIn('PrimaryRegion', promoted)
        before = self.value(SECRET)
        self.sm(case.EAST).put_secret_value(SecretId=SECRET, SecretString='mine')
        self.assertEqual((self.value(SECRET, case.EAST), self.value(SECRET)), ('mine', before))

    def removes_and_deletes(self):
        left = [case.IRELAND, case.FRANKFURT, case.TOKYO, case.CAPE_TOWN, case.SAO_PAULO]
        self.assert_refused(
            'InvalidParameterException',
            f"You can't delete secret {self.arn} that still has replica regions [{', '.join(left)}].",
            self.sm().delete_secret, SecretId=SECRET)
        removed = self.sm().remove_regions_from_replication(SecretId=SECRET, RemoveReplicaRegions=left)
        self.assertEqual((removed['ARN'], removed['ReplicationStatus']), (self.arn, []))
        self.advance('5m')
        for region in left:
            self.assert_refused('ResourceNotFoundException', case.NOT_FOUND_TEXT, self.sm(region).describe_secret, SecretId=SECRET)
        deleted = self.sm().delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
        self.assertEqual(deleted['ARN'], self.arn)
        self.assertEqual(self.sm().describe_secret(SecretId=SECRET)['DeletedDate'], deleted['DeletionDate'])
        self.assert_refused('InvalidRequestException', case.DELETED_TEXT, self.sm().get_secret_value, SecretId=SECRET)
        self.sm().restore_secret(SecretId=SECRET)
        self.assertNotIn('DeletedDate', self.sm().describe_secret(SecretId=SECRET))
        self.sm().delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
        self.advance('8d')
        self.assert_refused('ResourceNotFoundException', case.NOT_FOUND_TEXT, self.sm().describe_secret, SecretId=SECRET)


if __name__ == '__main__':
    unittest.main()
