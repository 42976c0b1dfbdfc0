"""Rotation as a client sees it, with the functions that every region has: each step that may fail, windows, two users, promotion; and
NextRotationDate as real accounts showed it."""
import datetime
import json
import unittest

from harness import case
from harness import server as servers

TEXT = "A previous rotation isn't complete. That rotation will be reattempted."
UTC = datetime.timezone.utc


def function(name, region=case.HOME):
    return f'arn:aws:lambda:{region}:123456789012:function:faultline-{name}'


class RotationTest(case.ServedCase):

    def create(self, value='first'):
        return self.sm().create_secret(Name=self.name(), SecretString=value)['VersionId']

    def rotate(self, name='succeeds', region=case.HOME, **more):
        more.setdefault('RotationRules', {'AutomaticallyAfterDays': 30})
        return self.sm(region).rotate_secret(
            SecretId=self.name(), RotationLambdaARN=function(name, region), **more)['VersionId']

    def test_the_pending_version_is_there_before_it_has_a_value(self):
        first = self.create()
        second = self.rotate('slow')
        self.assertEqual(self.stages(self.name()), {first: ['AWSCURRENT'], second: ['AWSPENDING']})
        self.assert_refused('ResourceNotFoundException', f"Secrets Manager can't find the specified secret value for VersionId: {second}",
                            self.sm().get_secret_value, SecretId=self.name(), VersionId=second)
        self.advance('5m')
        self.assertEqual(self.stages(self.name())[first], ['AWSPREVIOUS'])
        self.assertNotEqual(self.value(self.name()), 'first')

    def test_a_function_that_fails_leaves_the_current_value_alone(self):
        for step in ('create', 'set', 'test', 'finish'):
            with self.subTest(step):
                name = self.name(step)
                first = self.sm().create_secret(Name=name, SecretString='first')['VersionId']
                second = self.sm().rotate_secret(
                    SecretId=name, RotationLambdaARN=function(f'fails-{step}'),
                    RotationRules={'AutomaticallyAfterDays': 30})['VersionId']
                self.advance('5m')
                self.assertEqual(self.stages(name), {first: ['AWSCURRENT'], second: ['AWSPENDING']})
                self.assertEqual(self.value(name), 'first')
                self.assertNotIn('LastRotatedDate', self.sm().describe_secret(SecretId=name))
                self.assert_refused('InvalidRequestException', TEXT, self.sm().rotate_secret, SecretId=name)
                # A value written by hand ends it, and a function that works takes over.
                self.sm().put_secret_value(SecretId=name, SecretString='by hand')
                self.assertNotIn(second, self.stages(name))
                self.sm().rotate_secret(SecretId=name, RotationLambdaARN=function('succeeds'))
                self.advance('5m')
                self.assertEqual(self.value(name, VersionStage='AWSPREVIOUS'), 'by hand')
                self.assertIn('LastRotatedDate', self.sm().describe_secret(SecretId=name))

    def test_two_users_take_turns(self):
        self.create(json.dumps({'username': 'app', 'password': 'p'}))
        seen = []
        for _ in range(3):
            self.rotate('alternating-users')
            self.advance('5m')
            seen.append(json.loads(self.value(self.name())))
        self.assertEqual([value['username'] for value in seen], ['app_clone', 'app', 'app_clone'])
        self.assertEqual(len({value['password'] for value in seen}), 3)

    def test_it_rotates_again_and_again_on_its_own(self):
        self.create()
        self.rotate(RotationRules={'ScheduleExpression': 'rate(12 hours)'})
        values = set()
        for _ in range(5):
            self.advance('12h')
            values.add(self.value(self.name()))
        self.assertEqual(len(values), 5)
        self.sm().cancel_rotate_secret(SecretId=self.name())
        self.advance('3d')
        self.assertIn(self.value(self.name()), values)

    def test_only_a_test_when_it_is_not_to_happen_at_once(self):
        first = self.create()
        self.rotate(RotateImmediately=False)
        self.advance('5m')
        self.assertEqual(self.stages(self.name()), {first: ['AWSCURRENT']})
        described = self.sm().describe_secret(SecretId=self.name())
        self.assertTrue(described['RotationEnabled'])
        self.assertNotIn('LastRotatedDate', described)
        self.advance('31d')
        self.assertEqual(self.value(self.name(), VersionStage='AWSPREVIOUS'), 'first')

    def test_a_promoted_replica_rotates_by_itself(self):
        self.replicated(self.name(), case.EAST)
        self.rotate()
        self.advance('5m')
        shared = self.value(self.name())
        self.assertEqual(self.value(self.name(), case.EAST), shared)
        self.sm(case.EAST).stop_replication_to_replica(SecretId=self.name())
        self.rotate(region=case.EAST)
        self.advance('5m')
        self.assertEqual(self.value(self.name()), shared)
        self.assertEqual(self.value(self.name(), case.EAST, VersionStage='AWSPREVIOUS'), shared)

    def test_rules_that_are_none(self):
        self.create()
        for rules in ({'AutomaticallyAfterDays': 1, 'ScheduleExpression': 'rate(1 day)'}, {'ScheduleExpression': 'rate(0 days)'},
                      {'ScheduleExpression': 'rate(1 hour)'}, {'ScheduleExpression': 'cron(30 8 * * ? *)'},
                      {'ScheduleExpression': 'cron(0 8 * * * *)'}, {'ScheduleExpression': 'cron(0 8 1 * ? 2026)'},
                      {'ScheduleExpression': 'rate(4 hours)', 'Duration': '5h'}):
            with self.subTest(**rules):
                self.assert_refused('InvalidParameterException', None, self.rotate, RotationRules=rules)
        self.assertNotIn('RotationEnabled', self.sm().describe_secret(SecretId=self.name()))


class NextRotationDateTest(unittest.TestCase):
    """When it was rotated, by which rules, and which date was shown: outputs of real accounts that people have published."""

    def test_dates_that_real_accounts_showed(self):
        for rotated, rules, expected in (
                ('2026-01-22T06:42:22Z', {'AutomaticallyAfterDays': 30}, '2026-02-21T23:59:59+00:00'),
                ('2024-02-22T07:16:00Z', {'AutomaticallyAfterDays': 30}, '2024-03-23T23:59:59+00:00'),
                ('2023-10-16T07:18:00Z', {'ScheduleExpression': 'cron(0 0 ? * 2 *)'}, '2023-10-23T23:59:59+00:00'),
                ('2026-09-07T18:14:00Z', {'ScheduleExpression': 'cron(0 0 ? * 2 *)'}, '2026-09-14T23:59:59+00:00')):
            with self.subTest(rotated=rotated, **rules):
                server = servers.Server(world=f'title: "A day" epoch: "{rotated}" region {{ name: "us-west-2" }}')
                clients = case.makers.Clients(server)
                try:
                    sm = clients.get('secretsmanager', case.HOME)
                    sm.create_secret(Name='dated', SecretString='x')
                    sm.rotate_secret(SecretId='dated', RotationLambdaARN=function('succeeds'), RotationRules=rules)
                    server.advance('1m')
                    described = sm.describe_secret(SecretId='dated')
                    self.assertEqual(described['NextRotationDate'].astimezone(UTC).isoformat(), expected)
                    self.assertIn('LastRotatedDate', described)
                finally:
                    clients.close()
                    self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    unittest.main()
