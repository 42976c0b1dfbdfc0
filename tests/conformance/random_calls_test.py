"""Calls drawn at random from the models' input shapes, right and wrong: each is answered as the models allow, and never by an internal
error, since nothing is broken here."""
import base64
import json
import random
import unittest

from harness import case
from harness import raw

CALLS = 3000
SEED = 1
REGIONS = (case.HOME, case.HOME, case.EAST, case.IRELAND)
NAMES = ('one', 'two', 'three/four', 'five', 'one', 'two', 'six', 'no name', '')
TOKENS = tuple(f'{number:032d}' for number in range(12)) + ('short', 't' * 65)
POLICY = json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::123456789012:root'}, 'Action': '*', 'Resource': '*'}]})
# What strings of a name are likely to be, so that calls get past the first check.
WORDS = {
    'Name': NAMES + ('n' * 513,), 'SecretId': NAMES, 'ClientRequestToken': TOKENS, 'VersionId': TOKENS, 'RemoveFromVersionId': TOKENS,
    'MoveToVersionId': TOKENS, 'VersionStage': ('AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING', 'mine'),
    'Region': REGIONS + (case.CAPE_TOWN, 'nowhere-1', 'x'), 'ReplicaRegion': REGIONS + (case.CAPE_TOWN, 'x'), 'PrimaryRegion': REGIONS,
    'KmsKeyId': ('alias/one', 'alias/two', 'alias/none', ''), 'KeyId': ('alias/one', 'alias/two', 'alias/none', 'nonsense'),
    'AliasName': ('alias/one', 'alias/two', 'alias/three', 'alias/aws/x', 'x'), 'Policy': (POLICY, '{', '{}'),
    'ResourcePolicy': (POLICY, '{', '{}'), 'PolicyName': ('default', 'default', 'other'),
    'RotationLambdaARN': (f'arn:aws:lambda:{case.HOME}:123456789012:function:faultline-succeeds', 'x'),
    'ScheduleExpression': ('rate(1 day)', 'cron(0 8 * * ? *)', 'rate(0 days)', 'x'), 'Duration': ('3h', '99h', 'x'),
    'GranteePrincipal': ('arn:aws:iam::123456789012:user/admin', 'x'), 'RetiringPrincipal': ('arn:aws:iam::123456789012:user/admin',),
}
SERVED_KMS = """
CreateKey DescribeKey ListKeys UpdateKeyDescription EnableKey DisableKey ScheduleKeyDeletion CancelKeyDeletion CreateAlias UpdateAlias
DeleteAlias ListAliases GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateRandom Encrypt Decrypt ReEncrypt GetKeyPolicy
PutKeyPolicy ListKeyPolicies CreateGrant ListGrants ListRetirableGrants RetireGrant RevokeGrant EnableKeyRotation DisableKeyRotation
GetKeyRotationStatus RotateKeyOnDemand ListKeyRotations ReplicateKey UpdatePrimaryRegion TagResource UntagResource ListResourceTags
""".split()


class Draw:
    """Values of shapes; what was answered before is drawn again."""

    def __init__(self, luck):
        self.luck = luck
        self.region = case.HOME
        self.seen = {}

    def learn(self, document):
        """Ids, tokens, ARNs and blobs out of an answer."""
        if isinstance(document, list):
            for part in document:
                self.learn(part)
        elif isinstance(document, dict):
            for name, part in document.items():
                if isinstance(part, str):
                    name = {'ARN': 'SecretId', 'Arn': 'KeyId', 'TargetKeyId': 'KeyId', 'NextMarker': 'Marker'}.get(name, name)
                    kept = self.seen.setdefault((self.region, name), [])
                    kept.append(part)
                    del kept[:-20]
                else:
                    self.learn(part)

    def structure(self, shape):
        luck, value = self.luck, {}
        for name, member in shape.members.items():
            if luck.random() < (0.98 if name in shape.required_members else 0.2):
                value[name] = self.value(member, name)
        return value

    def value(self, shape, name):
        luck = self.luck
        if luck.random() < 0.01:
            return luck.choice((None, 1, 'x', [], {}, True, -1, 1.5, ''))
        kind = shape.type_name
        if kind == 'structure':
            return self.structure(shape)
        if kind == 'list':
            return [self.value(shape.member, name.removesuffix('s')) for _ in range(luck.choice((1, 1, 1, 2, 3, 0, 30)))]
        if kind == 'map':
            return {luck.choice('abc'): self.value(shape.value, 'v') for _ in range(luck.choice((0, 1, 2)))}
        if kind == 'boolean':
            return luck.random() < 0.3
        if kind in ('integer', 'long'):
            return luck.choice((0, 1, 7, 30, 32, 90, 365, 5000, shape.metadata.get('min', 1), shape.metadata.get('max', 10)))
        if kind == 'blob':
            return base64.b64encode(luck.randbytes(luck.choice((0, 1, 32, 5000)))).decode() if luck.random() < 0.4 else self.known(name)
        return self.known(name, shape)

    def known(self, name, shape=None):
        luck = self.luck
        seen = self.seen.get((self.region, name))
        if seen and luck.random() < 0.5:
            return luck.choice(seen)
        if name in WORDS:
            return luck.choice(WORDS[name])
        if shape is not None and getattr(shape, 'enum', None) and luck.random() < 0.95:
            return luck.choice(shape.enum)
        least = shape.metadata.get('min', 0) if shape is not None else 0
        return luck.choice(('a' * max(1, least), 'a' * max(1, least), 'word', 'ä€', '', 'x' * 300))


class RandomCallsTest(case.ServedCase):

    def test_calls_at_random(self):
        luck = random.Random(SEED)
        draw = Draw(luck)
        models = {service: self.clients.get(service, case.HOME).meta.service_model for service in raw.TARGETS}
        operations = [('secretsmanager', name) for name in models['secretsmanager'].operation_names] * 2
        operations += [('kms', name) for name in SERVED_KMS]
        for region in sorted(set(REGIONS)):
            self.key('alias/one', region)
            self.key('alias/two', region, MultiRegion=True)
        for name in NAMES[:4]:
            self.sm().create_secret(Name=name, SecretString='first', AddReplicaRegions=[{'Region': case.EAST}])
        succeeded, refused = {}, {}
        for _ in range(CALLS):
            service, name = luck.choice(operations)
            region, model = luck.choice(REGIONS), models[service]
            draw.region = region
            members = draw.structure(model.operation_model(name).input_shape)
            if name in ('ScheduleKeyDeletion', 'DisableKey', 'DeleteAlias', 'DeleteSecret') and luck.random() < 0.7:
                continue
            body = json.dumps(members).encode()
            headers = raw.signed_headers(self.server, service, region, raw.TARGETS[service] + name, body)
            status, headers, answer = raw.post(self.server, headers, body)
            self.clients.judge.judge(model.operation_model(name), model.service_id.hyphenize(), status, headers, answer)
            self.assertLess(status, 500, (name, members, answer))
            document = json.loads(answer or b'{}')
            if status == 200:
                draw.learn(document)
                succeeded[name] = succeeded.get(name, 0) + 1
            else:
                refused[document['__type']] = refused.get(document['__type'], 0) + 1
            if luck.random() < 0.02:
                self.advance(luck.choice(('1s', '1m', '1h', '2d')))
        print(f'\n  succeeded: {len(succeeded)} operations, {sum(succeeded.values())} calls; refused: {dict(sorted(refused.items()))}')
        # Draws that never get past the first check would show nothing.
        self.assertGreater(len(succeeded), 45)
        self.assertGreater(sum(succeeded.values()), CALLS // 6)


if __name__ == '__main__':
    unittest.main()
