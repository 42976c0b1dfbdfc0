"""Would the judge notice? Answers that are wrong in one way each, and right ones."""
import json
import unittest

import botocore.session

from harness import shapes

REQUEST_ID = '01234567-89ab-4cde-8f01-23456789abcd'
ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:a-AbCdEf'
RIGHT = {'ARN': ARN, 'Name': 'a', 'CreatedDate': 1523477145.713, 'RotationEnabled': True,
         'Tags': [{'Key': 'k', 'Value': ''}], 'VersionIdsToStages': {'0' * 32: ['AWSCURRENT']},
         'ReplicationStatus': [{'Region': 'us-east-1', 'Status': 'InSync', 'StatusMessage': 'Replication succeeded'}]}
REFUSAL = {'__type': 'ResourceNotFoundException', 'Message': "Secrets Manager can't find the specified secret."}


class JudgeTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        session = botocore.session.get_session()
        cls.models = {name: session.get_service_model(name) for name in ('secretsmanager', 'kms', 'account')}

    def judge(self, document, status=200, operation='DescribeSecret', service='secretsmanager', headers=(), body=None):
        body = json.dumps(document).encode() if body is None else body
        model = self.models[service]
        given = {'x-amzn-RequestId': REQUEST_ID, 'Content-Type': 'application/x-amz-json-1.1', 'Date': 'now',
                 'Content-Length': str(len(body)), **dict(headers)}
        shapes.Judge().judge(model.operation_model(operation), model.service_id.hyphenize(), status,
                             {name: text for name, text in given.items() if text is not None}, body)

    def assert_noticed(self, part, *arguments, **more):
        with self.assertRaises(shapes.NotAsModelled) as caught:
            self.judge(*arguments, **more)
        self.assertIn(part, str(caught.exception))

    def test_right_answers_pass(self):
        self.judge(RIGHT)
        self.judge(REFUSAL, 400)
        self.judge(None, body=b'', operation='TagResource')
        self.judge({'__type': 'DisabledException', 'message': 'x is disabled.'}, 400, 'Encrypt', 'kms')
        self.judge({'__type': 'InvalidCiphertextException'}, 400, 'Decrypt', 'kms')
        self.judge({'__type': 'ConflictException', 'message': 'x'}, 409, 'EnableRegion', 'account',
                   headers={'Content-Type': 'application/json'})

    def test_members_types_and_words(self):
        for part, change in (
                ('has no such member', {'Colour': 'red'}), ('instead of a string', {'Name': 7}), ('instead of a string', {'Name': None}),
                ('instead of true or false', {'RotationEnabled': 'true'}), ('instead of seconds', {'CreatedDate': '2026-01-01'}),
                ('more than milliseconds', {'CreatedDate': 1523477145.7131}), ('instead of a list', {'Tags': {}}),
                ('has no such member', {'Tags': [{'Key': 'k', 'Colour': 'red'}]}), ('is none of', {'ReplicationStatus': [
                    {'Region': 'us-east-1', 'Status': 'Done'}]}),
                ('long, at least', {'VersionIdsToStages': {'short': ['AWSCURRENT']}}), ('long, at least', {'ARN': 'arn'})):
            with self.subTest(**change):
                self.assert_noticed(part, {**RIGHT, **change})
        self.assert_noticed('there twice', None, body=b'{"Name":"a","Name":"b"}')
        self.assert_noticed('not JSON', None, body=b'{"Name":')
        self.assert_noticed('required, and absent', {'KeyMetadata': {'Arn': 'a' * 20}}, operation='CreateKey', service='kms')
        self.assert_noticed('not base64', {'Plaintext': '*'}, operation='Decrypt', service='kms')
        self.assert_noticed('no output is modelled', {'ARN': ARN}, operation='TagResource')

    def test_errors(self):
        for part, document, status in (
                ('is no error of', {**REFUSAL, '__type': 'NoSuchSecret'}, 400), ('has HTTP status 400', REFUSAL, 404),
                ('has HTTP status 500', {**REFUSAL, '__type': 'InternalServiceError'}, 400),
                ('__type', {**REFUSAL, '__type': 'com.amazonaws#ResourceNotFoundException'}, 400),
                ('Message: absent', {'__type': 'ResourceNotFoundException', 'message': 'lower case'}, 400),
                ('errors have no such member', {**REFUSAL, 'Detail': 'x'}, 400)):
            with self.subTest(part):
                self.assert_noticed(part, document, status)
        self.assert_noticed('without a text', {'__type': 'InvalidCiphertextException', 'message': ''}, 400, 'Decrypt', 'kms')
        self.assert_noticed('has HTTP status 409', {'__type': 'ConflictException', 'message': 'x'}, 400, 'EnableRegion', 'account',
                            headers={'Content-Type': 'application/json'})

    def test_headers(self):
        for part, headers in (
                ('x-amzn-RequestId', {'x-amzn-RequestId': None}), ('x-amzn-RequestId', {'x-amzn-RequestId': '1'}),
                ('Content-Type', {'Content-Type': 'text/html'}), ('Content-Length', {'Content-Length': '1'}), ('Date', {'Date': None})):
            with self.subTest(part):
                self.assert_noticed(part, RIGHT, headers=headers)


if __name__ == '__main__':
    unittest.main()
