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
# Operations to take with every shape they need, and shapes of older operations that have grown members.
WANTED = {
    'secretsmanager/2017-10-17': {
        'operations': ['BatchGetSecretValue'],
        'grown': ['CreateSecretRequest', 'UpdateSecretRequest', 'RotateSecretRequest', 'DescribeSecretResponse', 'SecretListEntry'],
    },
    'kms/2014-11-01': {
        'operations': ['RotateKeyOnDemand', 'ListKeyRotations'],
        'grown': [
            'KeyMetadata', 'GenerateDataKeyResponse', 'GenerateDataKeyWithoutPlaintextResponse', 'DecryptResponse', 'ReEncryptResponse',
            'GetKeyRotationStatusResponse', 'EnableKeyRotationRequest', 'EncryptRequest', 'DecryptRequest', 'GenerateDataKeyRequest',
            'GenerateDataKeyWithoutPlaintextRequest', 'ReEncryptRequest', 'CreateGrantRequest', 'RetireGrantRequest',
            'RevokeGrantRequest', 'GrantConstraints', 'GrantListEntry',
        ],
    },
    'account/2021-02-01': {
        'operations': ['EnableRegion', 'DisableRegion', 'GetRegionOptStatus', 'ListRegions'],
        'grown': [],
    },
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


def extras(older, newer, wanted):
    operations = {name: bare(newer['operations'][name]) for name in wanted['operations']}
    shapes = {}
    open_names = sorted(set(named_shapes(operations)) | set(wanted['grown']))
    while open_names:
        name = open_names.pop()
        if name in shapes or (name in older['shapes'] and name not in wanted['grown']):
            continue
        shapes[name] = bare(newer['shapes'][name])
        open_names += named_shapes(shapes[name])
    return {'version': 1.0, 'merge': {'operations': operations, 'shapes': dict(sorted(shapes.items()))}}


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    for service, wanted in WANTED.items():
        with open(f'{OLDER}/{service}/service-2.json', encoding='utf-8') as file:
            older = json.load(file)
        with open(f'{sys.argv[1]}/{service}/service-2.json', encoding='utf-8') as file:
            newer = json.load(file)
        result = extras(older, newer, wanted)
        result['merge']['metadata'] = {'serviceId': newer['metadata']['serviceId']}
        os.makedirs(f'{here}/{service}', exist_ok=True)
        with open(f'{here}/{service}/service-2.sdk-extras.json', 'w', encoding='utf-8') as file:
            json.dump(result, file, indent=1, sort_keys=True)
            file.write('\n')


if __name__ == '__main__':
    main()
