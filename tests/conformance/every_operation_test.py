"""Every operation that is served is called: once so that it succeeds, and into its typical errors. The judge reads each answer as it
came; at the end nothing may be missing. What a client library does not know is missing here, too, and would be noticed: the models
are botocore's, with what came later laid over them (models/)."""
import unittest

from harness import case

# Of KMS: what secrets need, and no asymmetric keys, MACs, imported material or custom key stores.
KMS_OPERATIONS = {
    'CreateKey', 'DescribeKey', 'ListKeys', 'UpdateKeyDescription', 'EnableKey', 'DisableKey', 'ScheduleKeyDeletion',
    'CancelKeyDeletion', 'CreateAlias', 'UpdateAlias', 'DeleteAlias', 'ListAliases', 'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext', 'GenerateRandom', 'Encrypt', 'Decrypt', 'ReEncrypt', 'GetKeyPolicy', 'PutKeyPolicy',
    'ListKeyPolicies', 'CreateGrant', 'ListGrants', 'ListRetirableGrants', 'RetireGrant', 'RevokeGrant', 'EnableKeyRotation',
    'DisableKeyRotation', 'GetKeyRotationStatus', 'RotateKeyOnDemand', 'ListKeyRotations', 'ReplicateKey', 'UpdatePrimaryRegion',
    'TagResource', 'UntagResource', 'ListResourceTags',
}
ACCOUNT_OPERATIONS = {'EnableRegion', 'DisableRegion', 'GetRegionOptStatus', 'ListRegions'}

NO_KEY = '1234abcd-12ab-34cd-56ef-1234567890ab'
MISSING = 'ResourceNotFoundException'
ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},' \
        '"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}'
PUBLIC = ALLOW.replace('{"AWS":"arn:aws:iam::123456789012:root"}', '"*"')


class EveryOperationTest(case.ServedCase):

    def covers(self, service, operations, without_errors=()):
        """All of them have succeeded, and all but a few have failed in a way that is theirs."""
        judge = self.clients.judge
        succeeded = {name for kind, name in judge.succeeded if kind == service}
        refused = {name for kind, name in judge.refused if kind == service}
        self.assertEqual(operations - succeeded, set(), 'never succeeded')
        self.assertEqual(operations - refused - set(without_errors), set(), 'never failed')

    # ---- Secrets Manager -------------------------------------------------------------------------------------------

    def test_secrets_manager(self):
        sm, bad = self.sm(), self.assert_refused
        arn = sm.create_secret(Name='every', SecretString='one', Description='of all', Tags=[{'Key': 'a', 'Value': 'b'}],
                               AddReplicaRegions=[{'Region': case.EAST}])['ARN']
        bad('ResourceExistsException', None, sm.create_secret, Name='every', SecretString='x')
        bad('InvalidParameterException', None, sm.create_secret, Name='other', SecretString='x', KmsKeyId=NO_KEY)
        sm.create_secret(Name='every/bytes', SecretBinary=b'\x00\xff')
        self.assertEqual(sm.get_secret_value(SecretId='every/bytes')['SecretBinary'], b'\x00\xff')
        self.advance('5s')

        version = sm.put_secret_value(SecretId=arn, SecretString='two', VersionStages=['mine'])['VersionId']
        self.reads_and_lists(version)
        sm.update_secret_version_stage(SecretId='every', VersionStage='mine', RemoveFromVersionId=version)
        bad('InvalidParameterException', None, sm.update_secret_version_stage, SecretId='every', VersionStage='AWSCURRENT',
            MoveToVersionId=version)
        bad(MISSING, None, sm.put_secret_value, SecretId='nothing', SecretString='x')
        sm.update_secret(SecretId='every', Description='other words')
        bad(MISSING, None, sm.update_secret, SecretId='nothing', Description='x')
        sm.tag_resource(SecretId='every', Tags=[{'Key': 'c', 'Value': ''}])
        sm.untag_resource(SecretId='every', TagKeys=['c'])
        bad(MISSING, None, sm.tag_resource, SecretId='nothing', Tags=[{'Key': 'c', 'Value': ''}])
        bad(MISSING, None, sm.untag_resource, SecretId='nothing', TagKeys=['c'])

        self.policies_of_secrets()
        self.rotations_and_replicas()

        sm.delete_secret(SecretId='every', RecoveryWindowInDays=30)
        bad('InvalidRequestException', case.DELETED_TEXT, sm.delete_secret, SecretId='every')
        sm.restore_secret(SecretId='every')
        bad(MISSING, None, sm.restore_secret, SecretId='nothing')
        model = set(sm.meta.service_model.operation_names)
        self.assertEqual(len(model), 23)
        self.covers('secrets-manager', model)

    def reads_and_lists(self, version):
        sm, bad = self.sm(), self.assert_refused
        sm.get_secret_value(SecretId='every', VersionId=version, VersionStage='mine')
        bad(MISSING, None, sm.get_secret_value, SecretId='nothing')
        batch = sm.batch_get_secret_value(SecretIdList=['every', 'nothing'])
        self.assertEqual([entry['Name'] for entry in batch['SecretValues']], ['every'])
        self.assertEqual(batch['Errors'], [{'SecretId': 'nothing', 'ErrorCode': MISSING, 'Message': case.NOT_FOUND_TEXT}])
        page = sm.batch_get_secret_value(Filters=[{'Key': 'name', 'Values': ['every']}], MaxResults=1)
        rest = sm.batch_get_secret_value(Filters=[{'Key': 'name', 'Values': ['every']}], MaxResults=1, NextToken=page['NextToken'])
        self.assertEqual(len({entry['Name'] for entry in page['SecretValues'] + rest['SecretValues']}), 2)
        bad('InvalidParameterException', None, sm.batch_get_secret_value)
        sm.describe_secret(SecretId='every')
        bad(MISSING, None, sm.describe_secret, SecretId='nothing')
        page = sm.list_secrets(MaxResults=1)
        sm.list_secrets(MaxResults=1, NextToken=page['NextToken'])
        sm.list_secrets(SortOrder='desc', Filters=[{'Key': 'all', 'Values': ['every']}], IncludePlannedDeletion=True)
        bad('InvalidNextTokenException', None, sm.list_secrets, NextToken='nonsense')
        page = sm.list_secret_version_ids(SecretId='every', MaxResults=1)
        sm.list_secret_version_ids(SecretId='every', MaxResults=1, NextToken=page['NextToken'])
        sm.list_secret_version_ids(SecretId='every', IncludeDeprecated=True)
        bad('InvalidNextTokenException', None, sm.list_secret_version_ids, SecretId='every', NextToken='nonsense')
        password = sm.get_random_password(PasswordLength=20, ExcludePunctuation=True, ExcludeCharacters='abc')['RandomPassword']
        self.assertRegex(password, r'^[A-Zd-z0-9]{20}$')
        bad('InvalidParameterException', None, sm.get_random_password, PasswordLength=1)

    def policies_of_secrets(self):
        sm, bad = self.sm(), self.assert_refused
        self.assertNotIn('ResourcePolicy', sm.get_resource_policy(SecretId='every'))
        sm.put_resource_policy(SecretId='every', ResourcePolicy=ALLOW, BlockPublicPolicy=True)
        self.assertEqual(sm.get_resource_policy(SecretId='every')['ResourcePolicy'], ALLOW)
        bad('PublicPolicyException', None, sm.put_resource_policy, SecretId='every', ResourcePolicy=PUBLIC, BlockPublicPolicy=True)
        bad('MalformedPolicyDocumentException', None, sm.put_resource_policy, SecretId='every', ResourcePolicy='{')
        self.assertEqual(sm.get_resource_policy(SecretId='every')['ResourcePolicy'], ALLOW)
        passed = sm.validate_resource_policy(SecretId='every', ResourcePolicy=ALLOW)
        self.assertEqual((passed['PolicyValidationPassed'], passed['ValidationErrors']), (True, []))
        public = sm.validate_resource_policy(ResourcePolicy=PUBLIC)
        self.assertFalse(public['PolicyValidationPassed'])
        self.assertNotEqual(public['ValidationErrors'], [])
        bad(MISSING, None, sm.validate_resource_policy, SecretId='nothing', ResourcePolicy=ALLOW)
        sm.delete_resource_policy(SecretId='every')
        sm.delete_resource_policy(SecretId='every')
        for operation in (sm.get_resource_policy, sm.delete_resource_policy):
            bad(MISSING, None, operation, SecretId='nothing')

    def rotations_and_replicas(self):
        sm, bad = self.sm(), self.assert_refused
        sm.rotate_secret(SecretId='every', RotationLambdaARN=case.ROTATE, RotationRules={'ScheduleExpression': 'cron(0 8 1 * ? *)'})
        self.advance('1m')
        sm.describe_secret(SecretId='every')
        sm.list_secrets()
        sm.cancel_rotate_secret(SecretId='every')
        bad('InvalidRequestException', None, sm.rotate_secret, SecretId='every/bytes')
        bad(MISSING, None, sm.cancel_rotate_secret, SecretId='nothing')
        sm.replicate_secret_to_regions(SecretId='every', AddReplicaRegions=[{'Region': case.IRELAND}])
        bad('InvalidParameterException', 'Invalid replica region.', sm.replicate_secret_to_regions, SecretId='every',
            AddReplicaRegions=[{'Region': case.HOME}])
        self.advance('5s')
        self.sm(case.IRELAND).describe_secret(SecretId='every')
        self.sm(case.IRELAND).stop_replication_to_replica(SecretId='every')
        bad(MISSING, None, sm.stop_replication_to_replica, SecretId='nothing')
        sm.remove_regions_from_replication(SecretId='every', RemoveReplicaRegions=[case.EAST])
        bad(MISSING, None, sm.remove_regions_from_replication, SecretId='nothing', RemoveReplicaRegions=[case.EAST])
        self.advance('5m')

    # ---- KMS -------------------------------------------------------------------------------------------------------

    def test_kms(self):
        self.assertLess({'RotateKeyOnDemand'}, KMS_OPERATIONS)
        self.lives_of_keys()
        self.aliases_tags_and_policies()
        self.cryptography()
        self.grants()
        self.rotations_of_keys()
        self.keys_of_several_regions()
        self.covers('kms', KMS_OPERATIONS, without_errors={'ListKeys', 'CreateKey', 'ListRetirableGrants'})
        self.assertEqual(KMS_OPERATIONS - set(self.kms().meta.service_model.operation_names), set())

    def lives_of_keys(self):
        kms, bad = self.kms(), self.assert_refused
        key = self.key('alias/every', Description='of all', Tags=[{'TagKey': 'a', 'TagValue': 'b'}])
        described = kms.describe_key(KeyId='alias/every')['KeyMetadata']
        self.assertEqual((described['KeyId'], described['Enabled'], described['KeyState']), (key['KeyId'], True, 'Enabled'))
        bad('NotFoundException', f"Key 'arn:aws:kms:{case.HOME}:123456789012:key/{NO_KEY}' does not exist", kms.describe_key, KeyId=NO_KEY)
        page = kms.list_keys(Limit=1)
        self.assertTrue(not page['Truncated'] or kms.list_keys(Marker=page['NextMarker'])['Keys'])
        kms.update_key_description(KeyId=key['KeyId'], Description='other words')
        kms.disable_key(KeyId=key['KeyId'])
        bad('DisabledException', f"{key['Arn']} is disabled.", kms.encrypt, KeyId=key['KeyId'], Plaintext=b'x')
        kms.enable_key(KeyId=key['KeyId'])
        going = kms.schedule_key_deletion(KeyId=key['KeyId'], PendingWindowInDays=7)
        self.assertEqual((going['KeyId'], going['KeyState'], going['PendingWindowInDays']), (key['Arn'], 'PendingDeletion', 7))
        self.assertIn('DeletionDate', kms.describe_key(KeyId=key['KeyId'])['KeyMetadata'])
        bad('KMSInvalidStateException', f"{key['Arn']} is pending deletion.", kms.enable_key, KeyId=key['KeyId'])
        bad('KMSInvalidStateException', f"{key['Arn']} is pending deletion.", kms.disable_key, KeyId=key['KeyId'])
        bad('KMSInvalidStateException', f"{key['Arn']} is pending deletion.", kms.schedule_key_deletion, KeyId=key['KeyId'])
        bad('KMSInvalidStateException', None, kms.update_key_description, KeyId=key['KeyId'], Description='x')
        kms.cancel_key_deletion(KeyId=key['KeyId'])
        self.assertEqual(kms.describe_key(KeyId=key['KeyId'])['KeyMetadata']['KeyState'], 'Disabled')
        bad('KMSInvalidStateException', f"{key['Arn']} is not pending deletion.", kms.cancel_key_deletion, KeyId=key['KeyId'])
        kms.enable_key(KeyId=key['KeyId'])

    def aliases_tags_and_policies(self):
        kms, bad = self.kms(), self.assert_refused
        key = kms.describe_key(KeyId='alias/every')['KeyMetadata']['KeyId']
        other = kms.create_key()['KeyMetadata']['KeyId']
        bad('AlreadyExistsException', f'An alias with the name arn:aws:kms:{case.HOME}:123456789012:alias/every already exists',
            kms.create_alias, AliasName='alias/every', TargetKeyId=key)
        kms.update_alias(AliasName='alias/every', TargetKeyId=other)
        self.assertEqual(kms.describe_key(KeyId='alias/every')['KeyMetadata']['KeyId'], other)
        kms.update_alias(AliasName='alias/every', TargetKeyId=key)
        gone = f'Alias arn:aws:kms:{case.HOME}:123456789012:alias/nothing is not found.'
        bad('NotFoundException', gone, kms.update_alias, AliasName='alias/nothing', TargetKeyId=key)
        bad('NotFoundException', gone, kms.delete_alias, AliasName='alias/nothing')
        bad('NotFoundException', gone, kms.describe_key, KeyId='alias/nothing')
        kms.create_alias(AliasName='alias/second', TargetKeyId=key)
        self.assertIn('alias/second', [entry['AliasName'] for entry in kms.list_aliases(KeyId=key)['Aliases']])
        self.assertEqual(len(kms.list_aliases(Limit=1)['Aliases']), 1)
        bad('NotFoundException', None, kms.list_aliases, KeyId=NO_KEY)
        kms.delete_alias(AliasName='alias/second')

        kms.tag_resource(KeyId=key, Tags=[{'TagKey': 'c', 'TagValue': 'd'}])
        bad('TagException', 'Tags beginning with aws: are reserved', kms.tag_resource, KeyId=key,
            Tags=[{'TagKey': 'aws:c', 'TagValue': 'd'}])
        self.assertEqual(len(kms.list_resource_tags(KeyId=key)['Tags']), 2)
        bad('NotFoundException', None, kms.list_resource_tags, KeyId=NO_KEY)
        kms.untag_resource(KeyId=key, TagKeys=['c'])
        bad('NotFoundException', None, kms.untag_resource, KeyId=NO_KEY, TagKeys=['c'])

        policy = kms.get_key_policy(KeyId=key, PolicyName='default')['Policy']
        self.assertIn('arn:aws:iam::123456789012:root', policy)
        kms.put_key_policy(KeyId=key, PolicyName='default', Policy=policy)
        bad('MalformedPolicyDocumentException', None, kms.put_key_policy, KeyId=key, PolicyName='default', Policy='{')
        bad('NotFoundException', 'No such policy exists', kms.get_key_policy, KeyId=key, PolicyName='other')
        self.assertEqual(kms.list_key_policies(KeyId=key)['PolicyNames'], ['default'])
        bad('NotFoundException', None, kms.list_key_policies, KeyId=NO_KEY)

    def cryptography(self):
        kms, bad = self.kms(), self.assert_refused
        context = {'purpose': 'a test', 'at': 'any time'}
        key = kms.describe_key(KeyId='alias/every')['KeyMetadata']['Arn']
        other = self.key('alias/other')['Arn']
        blob = kms.encrypt(KeyId='alias/every', Plaintext=b'hello', EncryptionContext=context)['CiphertextBlob']
        opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
        self.assertEqual((opened['Plaintext'], opened['KeyId'], opened['EncryptionAlgorithm']), (b'hello', key, 'SYMMETRIC_DEFAULT'))
        bad('InvalidCiphertextException', '', kms.decrypt, CiphertextBlob=blob)
        bad('InvalidCiphertextException', '', kms.decrypt, CiphertextBlob=blob + b'x', EncryptionContext=context)
        bad('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.', kms.decrypt,
            CiphertextBlob=blob, EncryptionContext=context, KeyId=other)
        moved = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId='alias/other')
        self.assertEqual((moved['KeyId'], moved['SourceKeyId']), (other, key))
        self.assertEqual(kms.decrypt(CiphertextBlob=moved['CiphertextBlob'])['Plaintext'], b'hello')
        bad('InvalidCiphertextException', '', kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId='alias/other')

        data = kms.generate_data_key(KeyId=key, KeySpec='AES_256', EncryptionContext=context)
        self.assertEqual(kms.decrypt(CiphertextBlob=data['CiphertextBlob'], EncryptionContext=context)['Plaintext'], data['Plaintext'])
        self.assertEqual(len(kms.generate_data_key(KeyId=key, NumberOfBytes=100)['Plaintext']), 100)
        bad('ValidationException', 'Please specify either number of bytes or key spec.', kms.generate_data_key, KeyId=key)
        blind = kms.generate_data_key_without_plaintext(KeyId=key, KeySpec='AES_128')
        self.assertEqual(len(kms.decrypt(CiphertextBlob=blind['CiphertextBlob'])['Plaintext']), 16)
        bad('NotFoundException', "Invalid keyId 'nonsense'", kms.generate_data_key_without_plaintext, KeyId='nonsense', KeySpec='AES_256')
        self.assertEqual(len(kms.generate_random(NumberOfBytes=24)['Plaintext']), 24)
        bad('ValidationException', 'NumberOfBytes is required.', kms.generate_random)
        bad('AccessDeniedException', 'The ciphertext refers to a customer master key that does not exist, does not exist in this region, '
            'or you are not allowed to access.', self.kms(case.EAST).decrypt, CiphertextBlob=blob, EncryptionContext=context)

    def grants(self):
        kms, bad = self.kms(), self.assert_refused
        key = kms.describe_key(KeyId='alias/every')['KeyMetadata']['KeyId']
        user, admin = ('arn:aws:iam::123456789012:user/' + name for name in ('grantee', 'admin'))
        made = kms.create_grant(KeyId=key, GranteePrincipal=user, RetiringPrincipal=admin, Operations=['Decrypt', 'DescribeKey'],
                                Name='named', Constraints={'EncryptionContextSubset': {'a': 'b'}})
        again = kms.create_grant(KeyId=key, GranteePrincipal=user, RetiringPrincipal=admin, Operations=['Decrypt', 'DescribeKey'],
                                 Name='named', Constraints={'EncryptionContextSubset': {'a': 'b'}})
        self.assertEqual(made['GrantId'], again['GrantId'])
        self.assertNotEqual(made['GrantToken'], again['GrantToken'])
        bad('NotFoundException', None, kms.create_grant, KeyId=NO_KEY, GranteePrincipal=user, Operations=['Decrypt'])
        listed = kms.list_grants(KeyId=key)['Grants']
        self.assertEqual([(entry['GrantId'], sorted(entry['Operations'])) for entry in listed], [
            (made['GrantId'], ['Decrypt', 'DescribeKey'])])
        bad('NotFoundException', None, kms.list_grants, KeyId=NO_KEY)
        self.assertEqual(len(kms.list_retirable_grants(RetiringPrincipal=admin)['Grants']), 1)
        kms.retire_grant(GrantToken=made['GrantToken'])
        bad('ValidationException', None, kms.retire_grant)
        second = kms.create_grant(KeyId=key, GranteePrincipal=user, Operations=['Encrypt'])
        kms.revoke_grant(KeyId=key, GrantId=second['GrantId'])
        bad('InvalidGrantIdException', None, kms.revoke_grant, KeyId=key, GrantId='0' * 64)
        self.assertEqual(kms.list_grants(KeyId=key)['Grants'], [])

    def rotations_of_keys(self):
        kms, bad = self.kms(), self.assert_refused
        key = kms.describe_key(KeyId='alias/every')['KeyMetadata']['KeyId']
        blob = kms.encrypt(KeyId=key, Plaintext=b'old')['CiphertextBlob']
        self.assertFalse(kms.get_key_rotation_status(KeyId=key)['KeyRotationEnabled'])
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
        status = kms.get_key_rotation_status(KeyId=key)
        self.assertEqual((status['KeyRotationEnabled'], status['RotationPeriodInDays']), (True, 90))
        kms.disable_key_rotation(KeyId=key)
        kms.rotate_key_on_demand(KeyId=key)
        self.advance('1m')
        rotations = kms.list_key_rotations(KeyId=key)['Rotations']
        self.assertEqual([entry['RotationType'] for entry in rotations], ['ON_DEMAND'])
        self.assertEqual(kms.decrypt(CiphertextBlob=blob)['Plaintext'], b'old')
        for operation in (kms.enable_key_rotation, kms.disable_key_rotation, kms.get_key_rotation_status, kms.rotate_key_on_demand,
                          kms.list_key_rotations):
            bad('NotFoundException', None, operation, KeyId=NO_KEY)

    def keys_of_several_regions(self):
        kms, east, bad = self.kms(), self.kms(case.EAST), self.assert_refused
        key = kms.create_key(MultiRegion=True)['KeyMetadata']
        self.assertRegex(key['KeyId'], '^mrk-[0-9a-f]{32}$')
        replica = kms.replicate_key(KeyId=key['KeyId'], ReplicaRegion=case.EAST, Description='there')['ReplicaKeyMetadata']
        self.assertEqual((replica['KeyState'], replica['Enabled']), ('Creating', False))
        self.advance('10s')
        there = east.describe_key(KeyId=key['KeyId'])['KeyMetadata']
        self.assertEqual((there['KeyState'], there['MultiRegionConfiguration']['MultiRegionKeyType']), ('Enabled', 'REPLICA'))
        blob = kms.encrypt(KeyId=key['KeyId'], Plaintext=b'both')['CiphertextBlob']
        self.assertEqual(east.decrypt(CiphertextBlob=blob)['Plaintext'], b'both')
        bad('AlreadyExistsException', None, kms.replicate_key, KeyId=key['KeyId'], ReplicaRegion=case.EAST)
        bad('UnsupportedOperationException', f"{there['Arn']} is not a multi-region primary key.", east.replicate_key,
            KeyId=key['KeyId'], ReplicaRegion=case.IRELAND)
        kms.update_primary_region(KeyId=key['KeyId'], PrimaryRegion=case.EAST)
        self.advance('10s')
        self.assertEqual(east.describe_key(KeyId=key['KeyId'])['KeyMetadata']['MultiRegionConfiguration']['MultiRegionKeyType'], 'PRIMARY')
        bad('NotFoundException', None, kms.update_primary_region, KeyId=NO_KEY, PrimaryRegion=case.EAST)

    # ---- the account -----------------------------------------------------------------------------------------------

    def test_account(self):
        account, bad = self.account(), self.assert_refused
        self.assertEqual(account.get_region_opt_status(RegionName=case.EAST)['RegionOptStatus'], 'ENABLED_BY_DEFAULT')
        bad('ValidationException', None, account.get_region_opt_status, RegionName='nowhere-1')
        account.enable_region(RegionName=case.CAPE_TOWN)
        bad('ConflictException', None, account.disable_region, RegionName=case.CAPE_TOWN)
        self.advance('5m')
        account.disable_region(RegionName=case.CAPE_TOWN)
        bad('ConflictException', None, account.enable_region, RegionName=case.CAPE_TOWN)
        self.advance('5m')
        self.assertEqual(account.get_region_opt_status(RegionName=case.CAPE_TOWN)['RegionOptStatus'], 'DISABLED')
        listed, token = [], {}
        while True:
            page = account.list_regions(MaxResults=3, **token)
            listed += page['Regions']
            if 'NextToken' not in page:
                break
            token = {'NextToken': page['NextToken']}
        names = [entry['RegionName'] for entry in listed]
        self.assertEqual(len(set(names)), len(names))
        self.assertIn({'RegionName': case.CAPE_TOWN, 'RegionOptStatus': 'DISABLED'}, listed)
        only = account.list_regions(RegionOptStatusContains=['DISABLED'])['Regions']
        self.assertEqual({entry['RegionOptStatus'] for entry in only}, {'DISABLED'})
        bad('ValidationException', None, account.list_regions, NextToken='nonsense')
        self.covers('account', ACCOUNT_OPERATIONS)


if __name__ == '__main__':
    unittest.main()
