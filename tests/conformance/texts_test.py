"""What Secrets Manager says when it refuses, byte for byte, through every layer: texts that were recorded from AWS or documented."""
import unittest

from harness import case
from harness import raw

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},' \
         '"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}'
REPLICA_OPERATIONS = [
    ('update_secret', {'SecretString': 'x'}),
    ('update_secret', {'Description': 'x'}),
    ('put_secret_value', {'SecretString': 'x'}),
    ('tag_resource', {'Tags': [{'Key': 'a', 'Value': 'b'}]}),
    ('untag_resource', {'TagKeys': ['a']}),
    ('put_resource_policy', {'ResourcePolicy': POLICY}),
    ('delete_resource_policy', {}),
    ('rotate_secret', {}),
    ('cancel_rotate_secret', {}),
    ('restore_secret', {}),
    ('delete_secret', {}),
    ('delete_secret', {'ForceDeleteWithoutRecovery': True}),
    ('replicate_secret_to_regions', {'AddReplicaRegions': [{'Region': case.IRELAND}]}),
    ('remove_regions_from_replication', {'RemoveReplicaRegions': [case.IRELAND]}),
    ('update_secret_version_stage', {'VersionStage': 'AWSCURRENT', 'MoveToVersionId': '00000000-0000-0000-0000-000000000000'}),
]
DELETED_OPERATIONS = [
    ('get_secret_value', {}),
    ('put_secret_value', {'SecretString': 'x'}),
    ('update_secret', {'SecretString': 'x'}),
    ('tag_resource', {'Tags': [{'Key': 'a', 'Value': 'b'}]}),
    ('untag_resource', {'TagKeys': ['a']}),
    ('put_resource_policy', {'ResourcePolicy': POLICY}),
    ('get_resource_policy', {}),
    ('delete_resource_policy', {}),
    ('rotate_secret', {'RotationLambdaARN': case.ROTATE}),
    ('replicate_secret_to_regions', {'AddReplicaRegions': [{'Region': case.IRELAND}]}),
    ('delete_secret', {}),
]
BY_NAME = ['delete_secret', 'describe_secret', 'get_secret_value', 'list_secret_version_ids']
TOKEN_TEXT = 'You must provide a ClientRequestToken value. We recommend a UUID-type value.'
NAME_TEXT = 'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!'
NO_ID = '00000000-0000-0000-0000-000000000000'


class TextsTest(case.ServedCase):

    def refuse(self, code, text, operation, region=case.HOME, **members):
        return self.assert_refused(code, text, getattr(self.sm(region), operation), **members)

    def create(self, **more):
        more.setdefault('SecretString', 'first')
        return self.sm().create_secret(Name=self.name(), **more)

    # ---- lookup ----------------------------------------------------------------------------------------------------

    def test_what_is_not_there(self):
        for operation in ('describe_secret', 'get_secret_value', 'list_secret_version_ids', 'restore_secret', 'delete_secret',
                          'cancel_rotate_secret', 'get_resource_policy', 'stop_replication_to_replica'):
            self.refuse('ResourceNotFoundException', case.NOT_FOUND_TEXT, operation, SecretId='nowhere')
        arn = self.create()['ARN']
        self.refuse('ResourceNotFoundException', case.NOT_FOUND_TEXT, 'describe_secret', region=case.EAST, SecretId=arn)

    def test_a_name_that_ends_like_an_arn_is_not_found_by_a_partial_arn(self):
        for suffix, found in (('', True), ('-a1b2', True), ('-a1b2c3-', True), ('-a1b2c3', False)):
            name = self.name('partial') + suffix
            arn = self.sm().create_secret(Name=name, SecretString='x')['ARN']
            if found:
                self.assertEqual(self.sm().describe_secret(SecretId=arn[:-7])['ARN'], arn)
            else:
                self.refuse('ResourceNotFoundException', case.NOT_FOUND_TEXT, 'describe_secret', SecretId=arn[:-7])

    def test_versions_and_labels_that_are_not_there(self):
        text = "Secrets Manager can't find the specified secret value for "
        name = self.name('empty')
        self.sm().create_secret(Name=name)
        self.refuse('ResourceNotFoundException', text + 'staging label: AWSCURRENT', 'get_secret_value', SecretId=name)
        version = self.create()['VersionId']
        self.refuse('ResourceNotFoundException', text + 'staging label: nothing', 'get_secret_value', SecretId=self.name(),
                    VersionStage='nothing')
        self.refuse('ResourceNotFoundException', text + 'VersionId: ' + NO_ID, 'get_secret_value', SecretId=self.name(),
                    VersionId=NO_ID)
        self.refuse('InvalidRequestException', 'You provided a VersionStage that is not associated to the provided VersionId.',
                    'get_secret_value', SecretId=self.name(), VersionId=version, VersionStage='AWSPREVIOUS')

    def test_names_that_are_none(self):
        self.refuse('ValidationException', NAME_TEXT, 'create_secret', Name='not a name', SecretString='x')
        for operation in BY_NAME:
            self.refuse('ValidationException', NAME_TEXT, operation, SecretId='see, it is none')
        self.refuse('ValidationException', NAME_TEXT, 'put_secret_value', SecretId='a b', SecretString='x')
        self.refuse('ValidationException', NAME_TEXT, 'update_secret', SecretId='a b', Description='x')
        self.refuse('ValidationException', NAME_TEXT, 'tag_resource', SecretId='a b', Tags=[{'Key': 'a', 'Value': 'b'}])
        self.refuse('ValidationException', NAME_TEXT, 'untag_resource', SecretId='a b', TagKeys=['a'])

    # ---- creating, writing -----------------------------------------------------------------------------------------

    def test_a_name_that_is_taken(self):
        first = self.create()
        name = self.name()
        self.refuse('ResourceExistsException', f'The operation failed because the secret {name} already exists.', 'create_secret',
                    Name=name, SecretString='first')
        again = self.sm().create_secret(Name=name, SecretString='first', ClientRequestToken=first['VersionId'])
        self.assertEqual({k: again[k] for k in ('ARN', 'VersionId')}, {k: first[k] for k in ('ARN', 'VersionId')})
        text = (f"You can't use ClientRequestToken {first['VersionId']} because that value is already in use for a version of secret "
                f"{first['ARN']}.")
        for operation, members in (('create_secret', {'Name': name}), ('put_secret_value', {'SecretId': name}),
                                   ('update_secret', {'SecretId': name})):
            self.refuse('ResourceExistsException', text, operation, SecretString='other', ClientRequestToken=first['VersionId'],
                        **members)
        self.sm().delete_secret(SecretId=name)
        self.refuse('InvalidRequestException',
                    "You can't create this secret because a secret with this name is already scheduled for deletion.",
                    'create_secret', Name=name, SecretString='x')

    def test_the_same_token_with_the_same_value_changes_nothing(self):
        created = self.create()
        token = created['VersionId']
        put = self.sm().put_secret_value(SecretId=self.name(), SecretString='first', ClientRequestToken=token)
        self.assertEqual((put['VersionId'], put['VersionStages']), (token, ['AWSCURRENT']))
        updated = self.sm().update_secret(SecretId=self.name(), SecretString='first', ClientRequestToken=token)
        self.assertEqual(updated['VersionId'], token)
        self.assertEqual(self.stages(self.name()), {token: ['AWSCURRENT']})

    def test_both_kinds_of_value_and_none(self):
        text = "You can't specify both a binary secret value and a string secret value in the same secret."
        self.refuse('InvalidParameterException', text, 'create_secret', Name=self.name('both'), SecretString='x', SecretBinary=b'x')
        self.create()
        for operation in ('put_secret_value', 'update_secret'):
            self.refuse('InvalidParameterException', text, operation, SecretId=self.name(), SecretString='x', SecretBinary=b'x')
        self.refuse('InvalidRequestException', 'You must provide either SecretString or SecretBinary.', 'put_secret_value',
                    SecretId=self.name())

    def test_a_raw_caller_must_send_a_token(self):
        """SDKs make one up; the body of the refusal is as it was recorded."""
        for operation, code, members in (
                ('CreateSecret', 'InvalidRequestException', {'Name': 'raw', 'SecretString': 'x'}),
                ('PutSecretValue', 'InvalidRequestException', {'SecretId': 'raw', 'SecretString': 'x'}),
                ('UpdateSecret', 'InvalidRequestException', {'SecretId': 'raw', 'SecretString': 'x'}),
                ('RotateSecret', 'InvalidParameterException', {'SecretId': 'raw'})):
            status, document = raw.call(self.server, 'secretsmanager', operation, members)
            self.assertEqual((status, document), (400, {'__type': code, 'Message': TOKEN_TEXT}), operation)

    def test_a_label_moves_only_from_its_holder(self):
        first = self.create()['VersionId']
        second = self.sm().put_secret_value(SecretId=self.name(), SecretString='x', VersionStages=['other'])['VersionId']
        self.refuse(
            'InvalidParameterException',
            "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version "
            f'{first}, so you must explicitly reference that version in RemoveFromVersionId.',
            'update_secret_version_stage', SecretId=self.name(), VersionStage='AWSCURRENT', MoveToVersionId=second)

    # ---- regions ---------------------------------------------------------------------------------------------------

    def test_a_replica_is_read_only(self):
        arn = self.replicated(self.name(), case.EAST)['ARN']
        for operation, members in REPLICA_OPERATIONS:
            with self.subTest(operation, **members):
                self.refuse('InvalidParameterException', case.REPLICA_TEXT, operation, region=case.EAST, SecretId=self.name(), **members)
        self.refuse('ResourceExistsException', f'The operation failed because the secret {self.name()} already exists.',
                    'create_secret', region=case.EAST, Name=self.name(), SecretString='x')
        for operation in ('describe_secret', 'get_secret_value', 'list_secret_version_ids', 'get_resource_policy'):
            getattr(self.sm(case.EAST), operation)(SecretId=self.name())
        text = f"You can't delete secret {arn} that still has replica regions [{case.EAST}]."
        self.refuse('InvalidParameterException', text, 'delete_secret', SecretId=self.name())
        self.refuse('InvalidParameterException', text, 'delete_secret', SecretId=self.name(), ForceDeleteWithoutRecovery=True)

    def test_a_region_that_cannot_be_a_replica(self):
        self.create()
        for region in (case.HOME, 'cn-north-1', 'us-gov-west-1'):
            self.refuse('InvalidParameterException', 'Invalid replica region.', 'replicate_secret_to_regions', SecretId=self.name(),
                        AddReplicaRegions=[{'Region': region}])
        self.refuse('InvalidParameterException', 'Invalid replica region.', 'create_secret', Name=self.name('new'),
                    SecretString='x', AddReplicaRegions=[{'Region': case.HOME}])
        self.refuse('ResourceNotFoundException', case.NOT_FOUND_TEXT, 'describe_secret', SecretId=self.name('new'))

    # ---- keys ------------------------------------------------------------------------------------------------------

    def test_keys_that_are_none_denied_disabled_or_dying(self):
        self.refuse('InvalidParameterException', 'The operation failed because of an invalid KMS key: Invalid keyId', 'create_secret',
                    Name=self.name('none'), SecretString='x', KmsKeyId='1234abcd-12ab-34cd-56ef-1234567890ab')
        key = self.key('alias/texts')
        self.create(KmsKeyId='alias/texts')

        self.server.fault('key-denied', '--region', case.HOME, '--key', 'alias/texts')
        for operation, members in (('get_secret_value', {}), ('put_secret_value', {'SecretString': 'x'})):
            self.refuse('AccessDeniedException', 'Access to KMS is not allowed', operation, SecretId=self.name(), **members)
        self.refuse('AccessDeniedException', 'Access to KMS is not allowed', 'create_secret', Name=self.name('denied'),
                    SecretString='x', KmsKeyId='alias/texts')
        self.server.heal()

        for state, code, change in (
                ('is disabled.', 'DisabledException', self.kms().disable_key),
                ('is pending deletion.', 'KMSInvalidStateException', self.kms().schedule_key_deletion)):
            change(KeyId=key['KeyId'])
            for kind, operation, members in (('decrypt', 'get_secret_value', {}), ('encrypt', 'put_secret_value', {'SecretString': 'x'})):
                text = self.refuse(f'{kind.capitalize()}ionFailure', None, operation, SecretId=self.name(), **members)
                self.assertRegex(text, f"^Secrets Manager can't {kind} the secret value: {key['Arn']} {state} "
                                       rf'\(Service: AWSKMS; Status Code: 400; Error Code: {code}; Request ID: [-0-9a-f]+; Proxy: null\)$')
        self.assertEqual(len(self.stages(self.name())), 1)

    # ---- deletion --------------------------------------------------------------------------------------------------

    def test_what_is_marked_for_deletion(self):
        self.create()
        self.sm().delete_secret(SecretId=self.name())
        for operation, members in DELETED_OPERATIONS:
            with self.subTest(operation):
                self.refuse('InvalidRequestException', case.DELETED_TEXT, operation, SecretId=self.name(), **members)
        self.sm().describe_secret(SecretId=self.name())

    def test_how_to_delete(self):
        self.create()
        for days in (6, 31):
            self.refuse('InvalidParameterException', 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
                        'delete_secret', SecretId=self.name(), RecoveryWindowInDays=days)
        self.refuse('InvalidParameterException',
                    "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.", 'delete_secret',
                    SecretId=self.name(), RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True)
        self.sm().delete_secret(SecretId=self.name(), RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=False)
        self.sm().delete_secret(SecretId=self.name(), ForceDeleteWithoutRecovery=True)
        unknown = self.sm().delete_secret(SecretId='never-was', ForceDeleteWithoutRecovery=True)
        self.assertEqual(unknown['Name'], 'never-was')

    # ---- rotation, passwords, batches ------------------------------------------------------------------------------

    def test_rotation_that_cannot_be(self):
        self.create()
        self.refuse('InvalidRequestException', 'No Lambda rotation function ARN is associated with this secret.', 'rotate_secret',
                    SecretId=self.name())
        for function in ('forbidden', 'nothing'):
            self.refuse(
                'AccessDeniedException', 'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy '
                'grants access to the principal secretsmanager.amazonaws.com.', 'rotate_secret', SecretId=self.name(),
                RotationLambdaARN=case.ROTATE.replace('rotate', function), RotationRules={'AutomaticallyAfterDays': 1})
        self.assertNotIn('RotationEnabled', self.sm().describe_secret(SecretId=self.name()))

    def test_a_rotation_that_is_not_complete(self):
        self.create()
        self.sm().rotate_secret(SecretId=self.name(), RotationLambdaARN=case.ROTATE.replace('rotate', 'fails'),
                                RotationRules={'AutomaticallyAfterDays': 30})
        self.advance('2s')
        self.refuse('InvalidRequestException', "A previous rotation isn't complete. That rotation will be reattempted.",
                    'rotate_secret', SecretId=self.name())

    def test_passwords_that_cannot_be(self):
        self.refuse('InvalidParameterException', 'Password length is too short based on the required types.', 'get_random_password',
                    PasswordLength=3)
        self.assertEqual(len(self.sm().get_random_password()['RandomPassword']), 32)
        self.assertEqual(len(self.sm().get_random_password(PasswordLength=4)['RandomPassword']), 4)

    def test_batches_that_cannot_be(self):
        text = "Either 'SecretIdList' or 'Filters' must be provided, but not both."
        filters = [{'Key': 'name', 'Values': ['a']}]
        self.refuse('InvalidParameterException', text, 'batch_get_secret_value')
        self.refuse('InvalidParameterException', text, 'batch_get_secret_value', SecretIdList=['a'], Filters=filters)
        self.refuse('InvalidParameterException',
                    "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
                    'batch_get_secret_value', SecretIdList=['a'], MaxResults=1)

    def test_policies_that_cannot_be(self):
        self.create()
        for policy in ('{', '{"Version":"2012-10-17"}'):
            self.refuse('MalformedPolicyDocumentException', 'This resource policy contains a syntax error.', 'put_resource_policy',
                        SecretId=self.name(), ResourcePolicy=policy)
        self.assertNotIn('ResourcePolicy', self.sm().get_resource_policy(SecretId=self.name()))

    # ---- constraints -----------------------------------------------------------------------------------------------

    def test_constraints_in_the_words_of_validation(self):
        def refusal(operation, members):
            status, document = raw.call(self.server, 'secretsmanager', operation, members)
            self.assertEqual((status, document['__type']), (400, 'ValidationException'), document)
            return document['Message']

        head = '1 validation error detected: Value '
        self.assertEqual(refusal('CreateSecret', {'ClientRequestToken': NO_ID}),
                         head + "null at 'name' failed to satisfy constraint: Member must not be null")
        self.assertEqual(refusal('GetRandomPassword', {'PasswordLength': 4097}),
                         head + "'4097' at 'passwordLength' failed to satisfy constraint: Member must have value less than or equal to 4096")
        self.assertEqual(refusal('ListSecrets', {'MaxResults': 0}),
                         head + "'0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1")
        text = refusal('ListSecrets', {'Filters': [{'Key': 'colour', 'Values': ['a']}]})
        self.assertRegex(text, "^" + head + r"'colour' at 'filters\.1\.member\.key' failed to satisfy constraint: "
                                            r'Member must satisfy enum value set: \[.+\]$')
        # What is as long as it may be takes six times as many bytes in JSON.
        self.sm().create_secret(Name=self.name(), SecretString='\x01' * 65536)
        self.assertEqual(self.value(self.name()), '\x01' * 65536)
        self.refuse('ValidationException', None, 'create_secret', Name=self.name('longer'), SecretString='\u00e4' * 65536)
        # The value of a secret is not repeated.
        text = refusal('CreateSecret', {'Name': 'long', 'ClientRequestToken': NO_ID, 'SecretString': 'x' * 65537})
        self.assertNotIn('xxx', text)
        self.assertIn('Member must have length less than or equal to 65536', text)


if __name__ == '__main__':
    unittest.main()
