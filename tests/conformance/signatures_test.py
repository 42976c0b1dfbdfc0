"""`--auth verify`: what botocore signs is accepted, and every way to sign wrongly is refused in AWS's words. The clock is the real
one, as signatures are made."""
import datetime
import json
import unittest

from harness import case
from harness import raw

KEY_ID, SECRET = case.SIGNER.values()
MISMATCH = ('The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and '
            'signing method. Consult the service documentation for details.')
BODY = b'{"Limit":1}'
TARGET = 'TrentService.ListKeys'


class SignaturesTest(case.ServedCase):
    clock = 'real'
    options = ('--auth', 'verify')
    world = case.WORLD_WITH_SIGNER

    def sign(self, service='kms', region=case.HOME, target=TARGET, body=BODY, **more):
        return raw.signed_headers(self.server, service, region, target, body,
                                  **{'key_id': KEY_ID, 'secret': SECRET, **more})

    def send(self, headers, body=BODY, **more):
        status, _, answer = raw.post(self.server, headers, body, **more)
        return status, json.loads(answer)

    def assert_error(self, sent, code, *parts):
        status, document = sent
        self.assertEqual((status, document.get('__type')), (400, code), document)
        text = document.get('message', document.get('Message', ''))
        for part in parts:
            self.assertIn(part, text)

    @staticmethod
    def now(**shift):
        return datetime.datetime.utcnow() + datetime.timedelta(**shift)

    def test_what_clients_sign_is_accepted(self):
        signer = self.clients.as_principal(KEY_ID, SECRET)
        signer.get('kms', case.HOME).list_keys()
        signer.get('secretsmanager', case.EAST).create_secret(Name='signed/with-bytes', SecretString='ä€𝄞 "\\\n')
        read = signer.get('secretsmanager', case.EAST).get_secret_value(SecretId='signed/with-bytes')
        self.assertEqual(read['SecretString'], 'ä€𝄞 "\\\n')
        self.assertNotEqual(signer.get('account', case.EAST).list_regions()['Regions'], [])

    def test_vectors_made_by_botocore(self):
        """Headers that make canonical requests interesting, and times within the tolerance."""
        cases = [
            {},
            {'extra': {'X-Spaces': '  inner   runs  of spaces  '}}, {'extra': {'X-Empty': ''}}, {'extra': {'Zulu': 'z', 'Alpha': 'a'}},
            {'extra': {'X-Amz-Meta': 'a,b , c'}}, {'at': self.now(minutes=-4)}, {'at': self.now(minutes=4)},
        ]
        for number, more in enumerate(cases):
            status, document = self.send(self.sign(**more))
            self.assertEqual(status, 200, (number, more, document))
        for body in (b'{}', b'{"Limit":1000}', b' {"Limit" : 7 }\n'):
            status, document = self.send(self.sign(body=body), body=body)
            self.assertEqual(status, 200, (body, document))

    def test_the_wrong_secret(self):
        self.assert_error(self.send(self.sign(secret='wrong')), 'InvalidSignatureException', MISMATCH)

    def test_somebody_whom_nobody_knows(self):
        for more in ({'key_id': 'AKIAUNKNOWNUNKNOWN00'}, {'token': 'a-session-token'}, {'region': case.CAPE_TOWN}):
            self.assert_error(self.send(self.sign(**more)), 'UnrecognizedClientException',
                              'The security token included in the request is invalid.')

    def test_a_body_or_a_header_that_was_changed_on_the_way(self):
        self.assert_error(self.send(self.sign(), body=b'{"Limit":2}'), 'InvalidSignatureException', MISMATCH)
        headers = self.sign()
        headers['X-Amz-Target'] = 'TrentService.ListAliases'
        self.assert_error(self.send(headers), 'InvalidSignatureException', MISMATCH)
        headers = self.sign()
        wrong = '0' if headers['Authorization'][-1] != '0' else '1'
        headers['Authorization'] = headers['Authorization'][:-1] + wrong
        self.assert_error(self.send(headers), 'InvalidSignatureException', MISMATCH)

    def test_too_early_and_too_late(self):
        self.assert_error(self.send(self.sign(at=self.now(minutes=-6))), 'InvalidSignatureException', 'Signature expired: ',
                          ' is now earlier than ', ' - 5 min.)')
        self.assert_error(self.send(self.sign(at=self.now(minutes=6))), 'InvalidSignatureException', 'Signature not yet current: ',
                          ' is still later than ', ' + 5 min.)')

    def test_parts_that_are_missing(self):
        headers = self.sign()
        del headers['Authorization']
        self.assert_error(self.send(headers), 'MissingAuthenticationTokenException')
        for part in ('Credential', 'SignedHeaders', 'Signature'):
            headers = self.sign()
            kind, _, parts = headers['Authorization'].partition(' ')
            kept = [text for text in parts.split(', ') if not text.startswith(part + '=')]
            headers['Authorization'] = kind + ' ' + ', '.join(kept)
            self.assert_error(self.send(headers), 'IncompleteSignatureException',
                              f"Authorization header requires '{part}' parameter.")
        headers = self.sign()
        del headers['X-Amz-Date']
        self.assert_error(self.send(headers), 'IncompleteSignatureException',
                          "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")

    def test_the_scope_of_something_else(self):
        self.assert_error(self.send(self.sign(service='secretsmanager')), 'InvalidSignatureException',
                          "Credential should be scoped to correct service: 'kms'.")
        self.assert_error(self.send(self.sign(region='nowhere')), 'InvalidSignatureException',
                          "Credential should be scoped to a valid region, not 'nowhere'.")
        # A region that does not exist looks like one that is not enabled.
        self.assert_error(self.send(self.sign(region='us-south-9')), 'UnrecognizedClientException')
        headers = self.sign()
        headers['Authorization'] = headers['Authorization'].replace('aws4_request', 'aws5_request')
        self.assert_error(self.send(headers), 'InvalidSignatureException',
                          "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.")
        headers = self.sign()
        headers['Authorization'] = headers['Authorization'].replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA512')
        self.assert_error(self.send(headers), 'IncompleteSignatureException', "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'")

    def test_host_must_be_signed(self):
        headers = self.sign()
        headers['Authorization'] = headers['Authorization'].replace(';host;', ';')
        self.assert_error(self.send(headers), 'InvalidSignatureException', "'Host' must be a 'SignedHeader' in the AWS Authorization.")


if __name__ == '__main__':
    unittest.main()
