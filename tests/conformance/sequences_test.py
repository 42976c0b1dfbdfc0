"""Sequences of calls whose outcome was recorded from AWS: who holds which label, and what is listed."""
import unittest

from harness import case

CURRENT, PENDING, PREVIOUS = 'AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'


class SequencesTest(case.ServedCase):

    def create(self):
        return self.sm().create_secret(Name=self.name(), SecretString='v1')['VersionId']

    def put(self, value, *stages):
        more = {'VersionStages': list(stages)} if stages else {}
        return self.sm().put_secret_value(SecretId=self.name(), SecretString=value, **more)['VersionId']

    def make_current(self, version, old):
        self.sm().update_secret_version_stage(
            SecretId=self.name(), VersionStage=CURRENT, MoveToVersionId=version, RemoveFromVersionId=old)

    def assert_stages(self, expected):
        got = {version: sorted(labels) for version, labels in self.stages(self.name()).items()}
        self.assertEqual(got, expected)
        listed = self.sm().list_secret_version_ids(SecretId=self.name())['Versions']
        self.assertEqual({entry['VersionId']: sorted(entry['VersionStages']) for entry in listed}, expected)

    def test_pending_becomes_current_and_a_new_value_ends_it(self):
        v1 = self.create()
        v2 = self.put('v2', PENDING)
        self.make_current(v2, v1)
        self.assert_stages({v1: [PREVIOUS], v2: [CURRENT, PENDING]})
        v3 = self.put('v3')
        self.assert_stages({v2: [PREVIOUS], v3: [CURRENT]})

    def test_pending_after_pending(self):
        v1 = self.create()
        v2 = self.put('v2', PENDING)
        self.make_current(v2, v1)
        v3 = self.put('v3', PENDING)
        self.assert_stages({v1: [PREVIOUS], v2: [CURRENT], v3: [PENDING]})
        self.make_current(v3, v2)
        self.assert_stages({v2: [PREVIOUS], v3: [CURRENT, PENDING]})

    def test_labels_of_ones_own_stay_with_their_version(self):
        v1 = self.create()
        v2 = self.put('v2', PENDING, 'AWSSOMETHING', 'PUT1')
        self.make_current(v2, v1)
        self.assert_stages({v1: [PREVIOUS], v2: [CURRENT, PENDING, 'AWSSOMETHING', 'PUT1']})
        v3 = self.put('v3', PENDING, 'PUT2')
        self.assert_stages({v1: [PREVIOUS], v2: [CURRENT, 'AWSSOMETHING', 'PUT1'], v3: [PENDING, 'PUT2']})
        self.make_current(v3, v2)
        self.assert_stages({v2: [PREVIOUS, 'AWSSOMETHING', 'PUT1'], v3: [CURRENT, PENDING, 'PUT2']})

    def test_four_versions_with_labels(self):
        v1 = self.create()
        v2 = self.put('v2', CURRENT, 'PUT0')
        self.assert_stages({v1: [PREVIOUS], v2: [CURRENT, 'PUT0']})
        v3 = self.put('v3', PENDING, 'PUT1')
        self.make_current(v3, v2)
        self.assert_stages({v2: [PREVIOUS, 'PUT0'], v3: [CURRENT, PENDING, 'PUT1']})
        v4 = self.put('v4', PENDING, 'PUT2')
        self.assert_stages({v2: [PREVIOUS, 'PUT0'], v3: [CURRENT, 'PUT1'], v4: [PENDING, 'PUT2']})
        self.make_current(v4, v3)
        self.assert_stages({v2: ['PUT0'], v3: [PREVIOUS, 'PUT1'], v4: [CURRENT, PENDING, 'PUT2']})

    def test_labels_move_to_the_newest_version_that_names_them(self):
        v1 = self.create()
        v2 = self.put('v2', 'one', 'two', 'three')
        v3 = self.put('v3', 'one', 'two', 'four')
        self.assert_stages({v1: [CURRENT], v2: ['three'], v3: ['four', 'one', 'two']})
        v4 = self.put('v4', 'one', 'two', 'three', 'four')
        self.assert_stages({v1: [CURRENT], v4: ['four', 'one', 'three', 'two']})
        # Without a label it is still there, for those who know its id.
        self.assertEqual(self.value(self.name(), VersionId=v2), 'v2')

    def test_deprecated_versions_are_listed_when_asked_for(self):
        versions = [self.create(), self.put('v2'), self.put('v3'), self.put('v4')]
        self.assert_stages({versions[2]: [PREVIOUS], versions[3]: [CURRENT]})
        every = self.sm().list_secret_version_ids(SecretId=self.name(), IncludeDeprecated=True)
        self.assertEqual({entry['VersionId'] for entry in every['Versions']}, set(versions))
        self.assertEqual({entry['VersionId'] for entry in every['Versions'] if 'VersionStages' not in entry}, set(versions[:2]))
        self.assertEqual({tuple(entry['KmsKeyIds']) for entry in every['Versions']}, {('DefaultEncryptionKey',)})

    def test_a_secret_without_a_value(self):
        created = self.sm().create_secret(Name=self.name())
        self.assertEqual(set(created) - {'ResponseMetadata'}, {'ARN', 'Name'})
        self.assertNotIn('VersionIdsToStages', self.sm().describe_secret(SecretId=self.name()))
        self.assert_refused(
            'ResourceNotFoundException', "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
            self.sm().get_secret_value, SecretId=self.name())
        put = self.sm().put_secret_value(SecretId=self.name(), SecretString='v1')
        self.assertEqual(put['VersionStages'], [CURRENT])

    def test_deleted_by_force_and_made_anew(self):
        first = self.sm().create_secret(Name=self.name(), SecretString='v1')
        self.sm().delete_secret(SecretId=self.name())
        described = self.sm().describe_secret(SecretId=self.name())
        self.assertEqual(list(described['VersionIdsToStages'].values()), [[CURRENT]])
        self.assertIn('DeletedDate', described)
        self.assertNotIn(self.name(), [entry['Name'] for entry in self.sm().list_secrets()['SecretList']])
        planned = self.sm().list_secrets(IncludePlannedDeletion=True)['SecretList']
        self.assertIn(self.name(), [entry['Name'] for entry in planned])
        self.sm().delete_secret(SecretId=self.name(), ForceDeleteWithoutRecovery=True)
        self.advance('30s')
        second = self.sm().create_secret(Name=self.name(), SecretString='v1')
        self.assertNotEqual(first['ARN'], second['ARN'])
        self.assertEqual(first['ARN'][:-6], second['ARN'][:-6])

    def test_a_rotation_from_its_start_to_its_end(self):
        v1 = self.create()
        rules = {'ScheduleExpression': 'rate(10 days)', 'Duration': '3h'}
        v2 = self.sm().rotate_secret(SecretId=self.name(), RotationLambdaARN=case.ROTATE, RotationRules=rules)['VersionId']
        self.advance('1m')
        described = self.sm().describe_secret(SecretId=self.name())
        self.assertTrue(described['RotationEnabled'])
        self.assertEqual(described['RotationRules'], rules)
        for member in ('LastRotatedDate', 'NextRotationDate', 'RotationLambdaARN'):
            self.assertIn(member, described)
        stages = described['VersionIdsToStages']
        self.assertEqual(stages[v1], [PREVIOUS])
        self.assertIn(stages[v2], ([CURRENT], [CURRENT, PENDING]))

    def test_what_is_there_and_what_is_not(self):
        """Members of DescribeSecret come and go with what they tell of."""
        name = self.name()
        self.sm().create_secret(Name=name, SecretString='v1')
        for member in ('Description', 'Tags', 'LastAccessedDate', 'KmsKeyId', 'RotationEnabled', 'DeletedDate', 'PrimaryRegion',
                       'ReplicationStatus', 'OwningService'):
            self.assertNotIn(member, self.sm().describe_secret(SecretId=name))
        before = self.sm().describe_secret(SecretId=name)['LastChangedDate']
        self.value(name)
        described = self.sm().describe_secret(SecretId=name)
        self.assertEqual(described['LastAccessedDate'].timestamp() % 86400, 0)
        self.assertEqual(described['LastChangedDate'], before)
        self.sm().tag_resource(SecretId=name, Tags=[{'Key': 'b', 'Value': '1'}, {'Key': 'a', 'Value': '2'}])
        self.sm().tag_resource(SecretId=name, Tags=[{'Key': 'b', 'Value': '3'}])
        self.assertEqual(self.sm().describe_secret(SecretId=name)['Tags'], [
            {'Key': 'b', 'Value': '3'}, {'Key': 'a', 'Value': '2'}])
        self.sm().untag_resource(SecretId=name, TagKeys=['a', 'b', 'c'])
        self.assertEqual(self.sm().describe_secret(SecretId=name)['Tags'], [])
        self.advance('1s')
        self.sm().put_secret_value(SecretId=name, SecretString='v1')
        self.assertGreater(self.sm().describe_secret(SecretId=name)['LastChangedDate'], before)


if __name__ == '__main__':
    unittest.main()
