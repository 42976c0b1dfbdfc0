#!/usr/bin/python3
"""Writes what a newer botocore's service models have and Debian's have not, as extras that botocore loads over its own.

    models/newer.py NEWER_BOTOCORE/data

botocore reads `service-2.sdk-extras.json` from AWS_DATA_PATH and merges it into the model of the same name, so that an unmodified
client can call operations that came after it. Only the operations and members that Faultline answers are taken. The models are
botocore's, under the Apache License 2.0; documentation is left out.
"""
import json
import os
import sys

OLDER = '/usr/lib/python3/dist-packages/botocore/data'
# The operations of KMS that Faultline answers; of the other two services it answers all, or those of regions.
KMS = """
CreateKey DescribeKey ListKeys UpdateKeyDescription EnableKey DisableKey ScheduleKeyDeletion CancelKeyDeletion CreateAlias UpdateAlias
DeleteAlias ListAliases GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateRandom Encrypt Decrypt ReEncrypt GetKeyPolicy
PutKeyPolicy ListKeyPolicies CreateGrant ListGrants ListRetirableGrants RetireGrant RevokeGrant EnableKeyRotation DisableKeyRotation
GetKeyRotationStatus RotateKeyOnDemand ListKeyRotations ReplicateKey UpdatePrimaryRegion TagResource UntagResource ListResourceTags
""".split()
SERVED = {
    'secretsmanager/2017-10-17': None,
    'kms/2014-11-01': KMS,
    'account/2021-02-01': ['EnableRegion', 'DisableRegion', 'GetRegionOptStatus', 'ListRegions'],
}
LEFT_OUT = {'documentation', 'staticContextParams', 'synopsis'}


def bare(value):
    """The same without documentation, which is most of a model."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k not in LEFT_OUT or not isinstance(v, str)}
    if isinstance(value, list):
        return [bare(v) for v in value]
    return value


def named_shapes(value):
    """Every shape that a piece of a model names."""
    if isinstance(value, dict):
        if isinstance(value.get('shape'), str):
            yield value['shape']
        for part in value.values():
            yield from named_shapes(part)
    elif isinstance(value, list):
        for part in value:
            yield from named_shapes(part)


def has_grown(older, newer):
    """Whether a shape has members or words that it had not."""
    return not (set(newer.get('members', ())) <= set(older.get('members', ())) and set(newer.get('enum', ())) <= set(older.get('enum', ())))


def extras(older, newer, served):
    """Operations that are new, and of every shape that the served ones reach: what is new or has grown."""
    served = served or newer['operations']
    operations = {name: bare(newer['operations'][name]) for name in served}
    open_names = list(named_shapes(operations))
    seen, shapes = set(), {}
    while open_names:
        name = open_names.pop()
        if name in seen:
            continue
        seen.add(name)
        shape = bare(newer['shapes'][name])
        open_names += named_shapes(shape)
        if name not in older['shapes'] or has_grown(older['shapes'][name], shape):
            shapes[name] = shape
    new = {name: operation for name, operation in operations.items() if name not in older['operations']}
    return {'version': 1.0, 'merge': {'operations': new, 'shapes': shapes}}


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    for service, served in SERVED.items():
        with open(f'{OLDER}/{service}/service-2.json', encoding='utf-8') as file:
            older = json.load(file)
        with open(f'{sys.argv[1]}/{service}/service-2.json', encoding='utf-8') as file:
            newer = json.load(file)
        result = extras(older, newer, served)
        result['merge']['metadata'] = {'serviceId': newer['metadata']['serviceId']}
        os.makedirs(f'{here}/{service}', exist_ok=True)
        with open(f'{here}/{service}/service-2.sdk-extras.json', 'w', encoding='utf-8') as file:
            json.dump(result, file, indent=1, sort_keys=True)
            file.write('\n')


if __name__ == '__main__':
    main()
