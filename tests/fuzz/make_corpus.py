#!/usr/bin/env python3
"""Writes the seeds in corpus/. The first byte is the target's choice, see targets.h."""
import pathlib

HERE = pathlib.Path(__file__).parent / "corpus"


def seed(target, name, data, first=None):
    if isinstance(data, str):
        data = data.encode()
    prefix = b"" if first is None else bytes([first])
    (HERE / target / name).write_bytes(prefix + data)


def http(name, target, body, head="POST / HTTP/1.1", more="", first=255):
    body = body.encode()
    text = "%s\r\nHost: 127.0.0.1:4566\r\nX-Amz-Target: %s\r\nContent-Type: application/x-amz-json-1.1\r\n" % (head, target)
    text += "X-Amz-Date: 20150830T123600Z\r\n%sContent-Length: %d\r\n\r\n" % (more, len(body))
    seed("http", name, text.encode() + body, first)


AUTH = ("Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/secretsmanager/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=%s\r\n" % ("0" * 64))
http("get", "secretsmanager.GetSecretValue", '{"SecretId":"db"}', more=AUTH)
http("pieces", "secretsmanager.CreateSecret", '{"Name":"db","SecretBinary":"Zm9v"}', more=AUTH, first=0)
http("kms", "TrentService.Encrypt", '{"KeyId":"k","Plaintext":"YQ==","EncryptionContext":{"a":"b"}}')
http("unknown", "secretsmanager.Nope", "{}")
http("head", "", "", head="HEAD / HTTP/1.1")
http("account", "", "", head="POST /listRegions HTTP/1.1")
http("presigned", "TrentService.ListKeys", "{}", head="POST /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2F"
     "eu-west-1%2Fkms%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00 HTTP/1.1")
seed("http", "chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-Amz-Target: secretsmanager.ListSecrets\r\n"
     "Content-Type: application/json\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.0\r\n\r\n", 3)

# Beast 1.81 asserts where it should wait: a last chunk of which four bytes are there.
seed("http", "last_chunk", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0)

for index, (name, body) in enumerate([
    ("create", '{"Name":"db","ClientRequestToken":"t","SecretBinary":"Zm9v","Tags":[{"Key":"k","Value":"v"}],"AddReplicaRegions":'
               '[{"Region":"us-east-1","KmsKeyId":"alias/r"}],"ForceOverwriteReplicaSecret":true,"Unknown":{"a":[1,null,1e5]}}'),
    ("put", '{"SecretId":"db","SecretString":"\\u00e9\\ud83d\\ude00\\n\\"","VersionStages":["A","B"]}'),
    ("get", '{"SecretId":"db","VersionId":null}')]):
    seed("json", name, body, index)
seed("json", "delete", '{"SecretId":"db","RecoveryWindowInDays":7.0,"ForceDeleteWithoutRecovery":false}', 8)
seed("json", "list", '{"MaxResults":-1,"Filters":[{"Key":"name","Values":["!a"]}]}', 6)
seed("json", "encrypt", '{"KeyId":"k","Plaintext":"AAEC","EncryptionContext":{"b":"2","a":"1"},"GrantTokens":[]}', 23 + 15)
seed("json", "described", '{"Tags":[{"Key":"a"}],"VersionIdsToStages":{"v":["AWSCURRENT"],"w":[]},"CreatedDate":1.5e9}', 23 + 36 + 4 + 3)

POLICIES = {
    "key": (1, '{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow",'
               '"Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}'),
    "secret": (2, '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":["secretsmanager:Get*"],"Resource":"*",'
                  '"Condition":{"StringNotEqualsIfExists":{"aws:RequestedRegion":["us-east-1","us-west-2"]},"Bool":{"aws:SecureTransport":"false"}}}}'),
    "identity": (0, '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","NotResource":["arn:aws:kms:*:*:key/?"],'
                    '"Condition":{"ForAllValues:StringLike":{"kms:EncryptionContextKeys":"a*"},"Null":{"kms:ViaService":true}}}]}'),
    "services": (2, '{"Statement":[{"Effect":"Allow","Principal":{"AWS":["123456789012","arn:aws:sts::1:assumed-role/R/S"],'
                    '"Service":"lambda.amazonaws.com"},"Action":"*","Resource":"*","Condition":{"NumericLessThan":{"secretsmanager:RecoveryWindowInDays":7}}}]}'),
}
for name, (first, text) in POLICIES.items():
    seed("policy", name, text, first)

HEAD = 'title: "a seed"\nseed: 7\nregion { name: "us-west-2" }\nregion { name: "us-east-1" }\n'
seed("scenario", "replica", HEAD + 'step { at: "0s" region: "us-west-2" create_secret { name: "db" secret_string: "hunter2" '
     'add_replica_regions { region: "us-east-1" } } }\n')
seed("scenario", "principal", HEAD + 'principal { name: "ada" }\nstep { at: "1m" region: "us-west-2" principal: "ada" note: "why" '
     'get_secret_value { secret_id: "db" } want { error: "ResourceNotFoundException" } }\n')
seed("scenario", "fault", HEAD + 'step { at: "1s" fault { name: "outage" for: "5s" cut { from: "us-west-2" to: "us-east-1" } } }\n')
seed("scenario", "wrong", 'titel: "x"\nregion { name: 7 }\nstep { at: "never" }\n# a comment\n')

for first in range(6):
    seed("envelope", "zero%d" % first, b"", first)
    seed("envelope", "flip%d" % first, b"\0" * 60 + b"\x01", first)
seed("envelope", "header", bytes([1, 1, 36]) + b"1234abcd-12ab-34cd-56ef-1234567890ab" + b"m" * 32 + b"i" * 12 + b"\0\0\0\x04" + b"c" * 20, 2)
seed("envelope", "salted", bytes([1, 2, 36]) + b"mrk-1234abcd12ab34cd56ef1234567890ab" + b"m" * 32 + b"s" * 16 + b"i" * 12 + b"\0\0\0\x00" + b"t" * 16, 3)
seed("envelope", "value", b"\x01" + b"i" * 12 + b"c" * 32 + b"t" * 16, 0)
