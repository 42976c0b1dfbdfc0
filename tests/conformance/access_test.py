"""Who may do what: the guide's minimum permissions, keys that others may use, and what a refusal says."""
import json
import unittest

from harness import case
from harness import server as servers

USERS = {
    'reader': ['secretsmanager:GetSecretValue'],
    'writer': ['secretsmanager:*'],
    'keyholder': ['secretsmanager:*', 'kms:GenerateDataKey', 'kms:Decrypt', 'kms:Encrypt'],
    'grantee': ['kms:ListKeys'],
}


def key_id(user):
    return f'AKIA{user.upper():X<16}'


def principal(user, actions):
    document = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': actions, 'Resource': '*'}]}
    return (f'principal {{ name: "{user}" access_key_id: "{key_id(user)}" secret_access_key: "secret-of-{user}" '
            f'policy {{ document: {json.dumps(json.dumps(document))} }} }}\n')


class AccessTest(case.ServedCase):
    world = servers.WORLD + ''.join(principal(user, actions) for user, actions in USERS.items())

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


if __name__ == '__main__':
    unittest.main()
