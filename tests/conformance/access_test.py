"""Who may do what: the guide's minimum permissions, keys that others may use, and what a refusal says."""
import json
import unittest

from harness import case
from harness import server as servers

ALL = {'Effect': 'Allow', 'Action': 'secretsmanager:*', 'Resource': '*'}


def allow(*actions):
    return {'Effect': 'Allow', 'Action': list(actions), 'Resource': '*'}


USERS = {
    'reader': [allow('secretsmanager:GetSecretValue')],
    'writer': [allow('secretsmanager:*')],
    'keyholder': [allow('secretsmanager:*', 'kms:GenerateDataKey', 'kms:Decrypt', 'kms:Encrypt')],
    'grantee': [allow('kms:ListKeys')],
    # The user guide's examples of policies about replication ("Replicate secrets across Regions: permissions").
    'unreplicated': [{**ALL, 'Condition': {'Null': {'secretsmanager:AddReplicaRegions': 'true'}}}],
    'american': [{**ALL, 'Condition': {'ForAllValues:StringLike': {'secretsmanager:AddReplicaRegions': ['us-*', 'ca-*']}}}],
    # Through Secrets Manager of one region only.
    'via': [allow('secretsmanager:*'), {
        **allow('kms:GenerateDataKey', 'kms:Decrypt', 'kms:Encrypt'),
        'Condition': {'StringEquals': {'kms:ViaService': f'secretsmanager.{case.HOME}.amazonaws.com'}}}],
    'tagger': [{**ALL, 'Condition': {'StringEquals': {'aws:ResourceTag/team': 'blue'}}}],
}
# The idiom that keeps an account in some regions.
SCP = {'Effect': 'Deny', 'NotAction': ['iam:*', 'sts:*', 'account:*'], 'Resource': '*',
       'Condition': {'StringNotEquals': {'aws:RequestedRegion': [case.HOME, case.EAST]}}}


def document(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})


def key_id(user):
    return f'AKIA{user.upper():X<16}'


def principal(user, statements):
    return (f'principal {{ name: "{user}" access_key_id: "{key_id(user)}" secret_access_key: "secret-of-{user}" '
            f'policy {{ document: {json.dumps(document(*statements))} }} }}\n')


class AccessTest(case.ServedCase):
    world = servers.WORLD + ''.join(principal(user, statements) for user, statements in USERS.items())

    def user(self, name, service='secretsmanager', region=case.HOME):
        return self.clients.as_principal(key_id(name), f'secret-of-{name}').get(service, region)

    def denied(self, user, action, resource, reason):
        return (f'User: arn:aws:iam::123456789012:user/{user} is not authorized to perform: {action} on resource: {resource} {reason}')

    def test_with_the_aws_managed_key_no_kms_permission_is_needed(self):
        name = self.name()
        self.user('writer').create_secret(Name=name, SecretString='x', AddReplicaRegions=[{'Region': case.EAST}])
        self.advance('5s')
        self.assertEqual(self.replicas(name), {case.EAST: ('InSync', 'Replication succeeded')})
        self.assertEqual(self.user('reader', region=case.EAST).get_secret_value(SecretId=name)['SecretString'], 'x')

    def test_with_a_customer_key_kms_permissions_are_needed_in_the_keys_region(self):
        name = self.name()
        self.key('alias/home')
        self.key('alias/east', case.EAST)
        self.assert_refused('AccessDeniedException', 'Access to KMS is not allowed', self.user('writer').create_secret,
                            Name=name, SecretString='x', KmsKeyId='alias/home')
        self.user('keyholder').create_secret(
            Name=name, SecretString='x', KmsKeyId='alias/home',
            AddReplicaRegions=[{'Region': case.EAST, 'KmsKeyId': 'alias/east'}])
        self.advance('5s')
        self.assertEqual(self.replicas(name), {case.EAST: ('InSync', 'Replication succeeded')})
        self.assert_refused('AccessDeniedException', 'Access to KMS is not allowed', self.user('reader').get_secret_value, SecretId=name)

        other = self.name('other')
        self.user('writer').create_secret(
            Name=other, SecretString='x', AddReplicaRegions=[{'Region': case.EAST, 'KmsKeyId': 'alias/east'}])
        self.advance('5s')
        status, text = self.replicas(other)[case.EAST]
        self.assertEqual(status, 'Failed')
        self.assertIn('Access to KMS is not allowed', text)

    def test_what_no_policy_allows_is_denied(self):
        name = self.name()
        self.sm().create_secret(Name=name, SecretString='x')
        self.assert_refused(
            'AccessDeniedException',
            self.denied('reader', 'secretsmanager:PutSecretValue', name,
                        'because no identity-based policy allows the secretsmanager:PutSecretValue action'),
            self.user('reader').put_secret_value, SecretId=name, SecretString='y')

    def test_a_policy_of_the_secret_denies(self):
        name = self.name()
        arn = self.sm().create_secret(Name=name, SecretString='x')['ARN']
        policy = {'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Deny', 'Principal': {'AWS': 'arn:aws:iam::123456789012:user/reader'}, 'Action': 'secretsmanager:GetSecretValue',
            'Resource': '*'}]}
        self.sm().put_resource_policy(SecretId=name, ResourcePolicy=json.dumps(policy))
        self.assert_refused(
            'AccessDeniedException',
            self.denied('reader', 'secretsmanager:GetSecretValue', arn, 'with an explicit deny in a resource-based policy'),
            self.user('reader').get_secret_value, SecretId=arn)
        self.assertEqual(self.user('writer').get_secret_value(SecretId=arn)['SecretString'], 'x')
        batch = self.user('writer').batch_get_secret_value(SecretIdList=[name])
        self.assertEqual(len(batch['SecretValues']), 1)

    def test_a_policy_of_the_secret_allows(self):
        name = self.name()
        self.sm().create_secret(Name=name, SecretString='x')
        self.assert_refused('AccessDeniedException', None, self.user('grantee').get_secret_value, SecretId=name)
        policy = {'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::123456789012:user/grantee'},
            'Action': 'secretsmanager:GetSecretValue', 'Resource': '*'}]}
        self.sm().put_resource_policy(SecretId=name, ResourcePolicy=json.dumps(policy))
        self.assertEqual(self.user('grantee').get_secret_value(SecretId=name)['SecretString'], 'x')

    def test_the_guides_policies_about_replication(self):
        alone, american = self.user('unreplicated'), self.user('american')
        one, two = self.name('one'), self.name('two')
        alone.create_secret(Name=one, SecretString='x')
        for operation, members in (
                (alone.create_secret, {'Name': self.name('other'), 'AddReplicaRegions': [{'Region': case.EAST}]}),
                (alone.replicate_secret_to_regions, {'SecretId': one, 'AddReplicaRegions': [{'Region': case.EAST}]}),
                (american.create_secret, {'Name': self.name('other'), 'AddReplicaRegions': [{'Region': case.EAST}, {'Region': case.IRELAND}]}),
                (american.replicate_secret_to_regions, {'SecretId': one, 'AddReplicaRegions': [{'Region': case.IRELAND}]})):
            self.assert_refused('AccessDeniedException', None, operation, **members)
        american.create_secret(Name=two, SecretString='x', AddReplicaRegions=[{'Region': case.EAST}])
        self.advance('5s')
        self.assertEqual(self.replicas(two)[case.EAST][0], 'InSync')

    def test_a_key_only_through_secrets_manager(self):
        key = self.key('alias/via')['Arn']
        name = self.name()
        self.user('via').create_secret(Name=name, SecretString='x', KmsKeyId='alias/via')
        self.assertEqual(self.user('via').get_secret_value(SecretId=name)['SecretString'], 'x')
        self.assert_refused('AccessDeniedException', None, self.user('via', 'kms').generate_data_key, KeyId=key, KeySpec='AES_256')

    def test_by_tags(self):
        for suffix, team in (('blue', 'blue'), ('red', 'red')):
            self.sm().create_secret(Name=self.name(suffix), SecretString=suffix, Tags=[{'Key': 'team', 'Value': team}])
        self.assertEqual(self.user('tagger').get_secret_value(SecretId=self.name('blue'))['SecretString'], 'blue')
        self.assert_refused('AccessDeniedException', None, self.user('tagger').get_secret_value, SecretId=self.name('red'))
        # A change of tags that would lock its maker out is refused.
        self.assert_refused('AccessDeniedException', None, self.user('tagger').untag_resource, SecretId=self.name('blue'), TagKeys=['team'])

    def test_a_grant_lets_somebody_use_a_key(self):
        key = self.key('alias/granted')['Arn']
        mine = self.user('grantee', 'kms')
        self.assert_refused('AccessDeniedException', None, mine.encrypt, KeyId=key, Plaintext=b'x')
        grant = self.kms().create_grant(
            KeyId=key, GranteePrincipal='arn:aws:iam::123456789012:user/grantee', Operations=['Encrypt', 'Decrypt'],
            Constraints={'EncryptionContextEquals': {'for': 'us'}})
        blob = mine.encrypt(KeyId=key, Plaintext=b'x', EncryptionContext={'for': 'us'})['CiphertextBlob']
        self.assertEqual(mine.decrypt(CiphertextBlob=blob, EncryptionContext={'for': 'us'})['Plaintext'], b'x')
        self.assert_refused('AccessDeniedException', None, mine.encrypt, KeyId=key, Plaintext=b'x', EncryptionContext={'for': 'them'})
        self.assert_refused('AccessDeniedException', None, mine.generate_data_key, KeyId=key, KeySpec='AES_256',
                            EncryptionContext={'for': 'us'})
        self.kms().revoke_grant(KeyId=key, GrantId=grant['GrantId'])
        self.advance('5m')
        self.assert_refused('AccessDeniedException', None, mine.decrypt, CiphertextBlob=blob, EncryptionContext={'for': 'us'})


class OrganisationTest(case.ServedCase):
    world = servers.WORLD + f'''
service_control_policy {{ document: {json.dumps(document(allow('*'), SCP))} }}
'''

    def test_an_account_that_must_stay_in_two_regions(self):
        name = self.name()
        self.sm(case.EAST).create_secret(Name=name, SecretString='x')
        text = self.assert_refused('AccessDeniedException', None, self.sm(case.IRELAND).create_secret, Name=name, SecretString='x')
        self.assertTrue(text.endswith(' with an explicit deny in a service control policy'), text)
        self.assert_refused('AccessDeniedException', None, self.kms(case.IRELAND).create_key)
        self.account().list_regions()


if __name__ == '__main__':
    unittest.main()
