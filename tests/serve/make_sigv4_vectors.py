#!/usr/bin/python3
"""Writes sigv4_vectors.inc: requests as botocore signs them.

    /usr/bin/python3 tests/serve/make_sigv4_vectors.py > tests/serve/sigv4_vectors.inc
"""
import datetime
import random
import urllib.parse

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2015, 8, 30, 12, 36, 0)
KEYS = [("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), ("AKIA0", "s/e+c=r~e t\"é")]


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW


auth.datetime.datetime = FixedTime


def text(value):
    out = ""
    for byte in value.encode() if isinstance(value, str) else value:
        plain = 32 <= byte < 127 and chr(byte) not in '"\\?'
        out += chr(byte) if plain else "\\%03o" % byte
    return '"%s"sv' % out


def vector(name, method, target, headers, body, region, service, key, presigned=False):
    access, secret = key
    request = AWSRequest(method=method, url="http://127.0.0.1:4566" + target, headers=headers, data=body)
    signer = (auth.SigV4QueryAuth if presigned else auth.SigV4Auth)(
        Credentials(access, secret), service, region)
    canonical = []
    plain = signer.canonical_request
    signer.canonical_request = lambda r: canonical.append(plain(r)) or canonical[-1]
    signer.add_auth(request)
    url = urllib.parse.urlsplit(request.url)
    sent = url.path + ("?" + url.query if url.query else "")
    fields = [("Host", "127.0.0.1:4566")] + list(request.headers.items())
    print("    {%s, %s, %s," % (text(name), text(method), text(sent)))
    print("     {%s}," % ", ".join("{%s, %s}" % (text(k), text(v)) for k, v in fields))
    print("     %s, %s, %s, %s, %s," % (text(body), text(region), text(service), text(access), text(secret)))
    print("     %s}," % text(canonical[0]))


def main():
    luck = random.Random(1)
    print("// Made by make_sigv4_vectors.py with botocore. Do not edit.")
    json_headers = {"Content-Type": "application/x-amz-json-1.1", "User-Agent": "aws-cli/2"}
    for region, service, target in [("us-east-1", "secretsmanager", "secretsmanager.GetSecretValue"),
                                    ("eu-west-1", "kms", "TrentService.Decrypt")]:
        for body in [b"", b"{}", '{"SecretId":"d\u00e9b\u20ac"}'.encode(), bytes(range(256))]:
            for key in KEYS:
                vector("json", "POST", "/", dict(json_headers, **{"X-Amz-Target": target}), body, region, service, key)
    vector("account", "POST", "/enableRegion", {"Content-Type": "application/json"}, b'{"RegionName":"a"}', "us-east-1", "account", KEYS[0])
    for target in ["/", "/a/b", "/a//b/", "/a/./b/../c", "/a%20b", "/%E1%88%B4", "/-._~AZaz09", "/..", "/a/.."]:
        vector("path", "GET", target, {}, b"", "us-east-1", "service", KEYS[0])
    for query in ["a=b", "b=2&a=1&a=0", "Param-3=Value3&Param=Value2&%E1%88%B4=Value1", "foo=", "a=%2F%3D%2B%20",
                  "Z=1&a=2", "x=-._~AZaz09"]:
        vector("query", "GET", "/?" + query, {}, b"", "us-east-1", "service", KEYS[0])
    for headers in [{"My-Header": "  a   b   c  "}, {"My-Header": "\"a   b\""}, {"Zebra": "1", "alpha": "2", "MiXeD": "3"},
                    {"X-Amz-Meta": "v" * 300}, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}]:
        vector("headers", "POST", "/", headers, b"Param1=value1", "us-east-1", "service", KEYS[0])
    for target in ["/", "/?b=2&a=%2F"]:
        for verb in ["GET", "POST"]:  # botocore moves a body into the query
            vector("presigned", verb, target, {"X-Amz-Target": "TrentService.ListKeys"}, b"", "eu-west-1", "kms", KEYS[0], True)
    for index in range(20):
        names = sorted({"X-" + "".join(luck.choice("abcxyzABC-09") for _ in range(luck.randint(1, 10))).strip("-") for _ in range(4)})
        headers = {name: " ".join("".join(luck.choice("ab,;=\"/~") for _ in range(luck.randint(0, 6))) for _ in range(3)) or "e" for name in names}
        body = bytes(luck.randrange(256) for _ in range(luck.randint(0, 60)))
        vector("random %d" % index, luck.choice(["GET", "POST", "PUT"]), "/", headers, body, luck.choice(["us-gov-west-1", "ap-south-2"]),
               luck.choice(["kms", "secretsmanager"]), luck.choice(KEYS))


main()
