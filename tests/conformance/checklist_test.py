"""What a client of several regions sees: lag, status, clashes, promotion, keys and regions that go away and come back."""
import unittest

from harness import case

IN_SYNC = ('InSync', 'Replication succeeded')


class ChecklistTest(case.ServedCase):

    def test_replicas_lag_and_then_hold_the_same_versions(self):
        name = self.name()
        created = self.sm().create_secret(Name=name, SecretString='one', AddReplicaRegions=[{'Region': case.EAST}])
        self.assertEqual(created['ReplicationStatus'][0]['Status'], 'InProgress')
        self.assertEqual(self.replicas(name)[case.EAST][0], 'InProgress')
        self.assert_refused('ResourceNotFoundException', case.NOT_FOUND_TEXT, self.sm(case.EAST).get_secret_value, SecretId=name)
        self.advance('5s')
        self.assertEqual(self.replicas(name), {case.EAST: IN_SYNC})

        second = self.sm().update_secret(SecretId=name, SecretString='two')['VersionId']
        self.assertEqual((self.value(name), self.value(name, case.EAST)), ('two', 'one'))
        self.assertEqual(self.stages(name, case.EAST), {created['VersionId']: ['AWSCURRENT']})
        self.advance('5s')
        both = {created['VersionId']: ['AWSPREVIOUS'], second: ['AWSCURRENT']}
        self.assertEqual((self.stages(name), self.stages(name, case.EAST)), (both, both))
        self.assertEqual(self.value(name, case.EAST, VersionStage='AWSPREVIOUS'), 'one')

    def test_metadata_travels_and_what_is_regional_stays(self):
        name = self.name()
        policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::123456789012:user/nobody"},' \
                 '"Action":"secretsmanager:DeleteSecret","Resource":"*"}]}'
        self.replicated(name, case.EAST)
        self.sm().update_secret(SecretId=name, Description='new words')
        self.sm().tag_resource(SecretId=name, Tags=[{'Key': 'k', 'Value': 'v'}])
        self.sm().put_resource_policy(SecretId=name, ResourcePolicy=policy)
        self.advance('5s')
        replica = self.sm(case.EAST).describe_secret(SecretId=name)
        self.assertEqual((replica['Description'], replica['Tags']), ('new words', [{'Key': 'k', 'Value': 'v'}]))
        self.assertEqual(self.sm(case.EAST).get_resource_policy(SecretId=name)['ResourcePolicy'], policy)
        self.assertNotIn('LastAccessedDate', replica)
        self.value(name, case.EAST)
        self.assertIn('LastAccessedDate', self.sm(case.EAST).describe_secret(SecretId=name))
        self.assertNotIn('LastAccessedDate', self.sm().describe_secret(SecretId=name))

    def test_list_secrets_knows_the_primary_region(self):
        name = self.name()
        self.replicated(name, case.EAST)
        self.sm(case.EAST).create_secret(Name=self.name('alone'), SecretString='x')

        def found(*values):
            pages = self.sm(case.EAST).get_paginator('list_secrets').paginate(
                Filters=[{'Key': 'primary-region', 'Values': list(values)}, {'Key': 'name', 'Values': [self.name('')]}],
                PaginationConfig={'PageSize': 1})
            return [entry['Name'] for page in pages for entry in page['SecretList']]

        self.assertEqual(found(case.HOME), [name])
        self.assertEqual(found('us-west'), [name])
        self.assertEqual(found('!us-west'), [self.name('alone')])

    def test_a_replica_has_its_own_key_and_only_that_can_change(self):
        name = self.name()
        east, other = self.key('alias/east', case.EAST), self.key('alias/other', case.EAST)
        self.sm().create_secret(
            Name=name, SecretString='x', AddReplicaRegions=[{'Region': case.EAST, 'KmsKeyId': 'alias/east'}])
        self.advance('5s')
        self.assertNotIn('KmsKeyId', self.sm().describe_secret(SecretId=name))
        self.assertIn(self.sm(case.EAST).describe_secret(SecretId=name)['KmsKeyId'], (east['Arn'], 'alias/east'))
        self.sm(case.EAST).update_secret(SecretId=name, KmsKeyId=other['KeyId'])
        self.advance('5s')
        self.kms(case.EAST).disable_key(KeyId=east['KeyId'])
        self.assertEqual(self.value(name, case.EAST), 'x')

    def test_a_replicas_key_is_disabled(self):
        name = self.name()
        key = self.key('alias/dead', case.EAST)
        self.sm().create_secret(
            Name=name, SecretString='one', AddReplicaRegions=[{'Region': case.EAST, 'KmsKeyId': 'alias/dead'}])
        self.advance('5s')
        self.kms(case.EAST).disable_key(KeyId=key['KeyId'])
        text = self.assert_refused('DecryptionFailure', None, self.sm(case.EAST).get_secret_value, SecretId=name)
        self.assertTrue(text.startswith(f"Secrets Manager can't decrypt the secret value: {key['Arn']} is disabled."), text)
        self.assertEqual(self.value(name), 'one')
        self.sm().put_secret_value(SecretId=name, SecretString='two')
        self.advance('2m')
        status, text = self.replicas(name)[case.EAST]
        self.assertEqual(status, 'Failed')
        self.assertIn('is disabled', text)
        self.kms(case.EAST).enable_key(KeyId=key['KeyId'])
        self.assertEqual(self.value(name, case.EAST), 'one')
        self.sm().replicate_secret_to_regions(
            SecretId=name, AddReplicaRegions=[{'Region': case.EAST, 'KmsKeyId': 'alias/dead'}])
        self.advance('5s')
        self.assertEqual(self.replicas(name)[case.EAST], IN_SYNC)
        self.assertEqual(self.value(name, case.EAST), 'two')

    def test_a_retry_leaves_one_entry_for_a_region(self):
        name = self.name()
        self.sm(case.EAST).create_secret(Name=name, SecretString='somebody else')
        self.sm().create_secret(Name=name, SecretString='x', AddReplicaRegions=[{'Region': case.EAST}])
        self.advance('5s')
        for _ in range(2):
            self.sm().replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{'Region': case.EAST}])
            self.advance('5s')
            self.assertEqual({r: s for r, (s, _) in self.replicas(name).items()}, {case.EAST: 'Failed'})
        self.sm().replicate_secret_to_regions(
            SecretId=name, AddReplicaRegions=[{'Region': case.EAST}], ForceOverwriteReplicaSecret=True)
        self.advance('5s')
        self.assertEqual(self.replicas(name), {case.EAST: IN_SYNC})
        arns = [self.sm(region).describe_secret(SecretId=name)['ARN'] for region in (case.HOME, case.EAST)]
        self.assertEqual(arns[0][-6:], arns[1][-6:])

    def test_promotion_while_the_primary_is_out_of_reach(self):
        name = self.name()
        arn = self.replicated(name, case.EAST, case.IRELAND)['ARN'].replace(case.HOME, case.EAST)
        self.server.fault('isolate', '--region', case.HOME)
        self.server.fault('clients-cut', '--region', case.HOME)
        self.assertEqual(self.sm(case.EAST).stop_replication_to_replica(SecretId=name)['ARN'], arn)
        self.sm(case.EAST).put_secret_value(SecretId=name, SecretString='saved')
        self.server.heal()
        self.advance('2m')
        self.assertEqual((self.value(name, case.EAST), self.value(name), self.value(name, case.IRELAND)), ('saved', 'first', 'first'))
        self.assertEqual(list(self.replicas(name)), [case.IRELAND])
        # It is an ordinary secret now: it may have replicas of its own, and the primary may overwrite it.
        self.sm(case.EAST).replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{'Region': case.TOKYO}])
        self.advance('5s')
        self.assertEqual(self.value(name, case.TOKYO), 'saved')

    def test_a_region_goes_away_with_its_replica_and_comes_back(self):
        name = self.name()
        self.account().enable_region(RegionName=case.CAPE_TOWN)
        self.advance('5m')
        self.replicated(name, case.CAPE_TOWN)
        self.account().disable_region(RegionName=case.CAPE_TOWN)
        self.advance('5m')
        self.assert_refused('UnrecognizedClientException', 'The security token included in the request is invalid.',
                            self.sm(case.CAPE_TOWN).get_secret_value, SecretId=name)
        self.sm().put_secret_value(SecretId=name, SecretString='second')
        self.advance('2m')
        self.assertEqual(self.replicas(name)[case.CAPE_TOWN][0], 'Failed')
        self.account().enable_region(RegionName=case.CAPE_TOWN)
        self.advance('5m')
        self.sm().replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{'Region': case.CAPE_TOWN}])
        self.advance('5s')
        self.assertEqual(self.replicas(name), {case.CAPE_TOWN: IN_SYNC})
        self.assertEqual(self.value(name, case.CAPE_TOWN), 'second')

    def test_a_removed_replica_goes_a_while_later(self):
        name = self.name()
        self.replicated(name, case.EAST)
        self.sm().remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=[case.EAST])
        self.assertEqual(self.replicas(name), {})
        self.assertEqual(self.value(name, case.EAST), 'first')
        self.sm().delete_secret(SecretId=name)
        self.advance('5m')
        self.assert_refused('ResourceNotFoundException', case.NOT_FOUND_TEXT, self.sm(case.EAST).describe_secret, SecretId=name)


if __name__ == '__main__':
    unittest.main()
