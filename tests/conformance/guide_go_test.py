"""The guide's flow with the AWS SDK for Go v2, built offline from Debian's sources."""
import os
import shutil
import subprocess
import unittest

from harness import case
from harness import server as servers

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = '/usr/share/gocode'
GO = '/usr/bin/go'


def lacking():
    if not os.path.exists(GO):
        return f'{GO} is not installed (golang-go)'
    if not os.path.isdir(f'{SOURCES}/src/github.com/aws/aws-sdk-go-v2/service/secretsmanager'):
        return 'the SDK is not installed (golang-github-aws-aws-sdk-go-v2-dev)'
    return None


class GoCase(case.ServedCase):

    def run_guide(self, *arguments, **more):
        scratch = os.path.join(os.environ['FAULTLINE_SCRATCH'], 'go')
        os.makedirs(scratch, exist_ok=True)
        shutil.copy(os.path.join(HERE, 'go/guide.go'), scratch)
        built = subprocess.run(
            [GO, 'build', '-o', 'guide', 'guide.go'], cwd=scratch, capture_output=True, text=True, timeout=280, check=False,
            env={**servers.environment(scratch), 'GO111MODULE': 'off', 'GOPATH': SOURCES, 'GOCACHE': os.path.join(scratch, 'cache'),
                 'GOFLAGS': '', 'GOPROXY': 'off'})
        self.assertEqual(built.returncode, 0, built.stderr)
        done = subprocess.run(
            [os.path.join(scratch, 'guide'), *arguments], capture_output=True, text=True, timeout=120, check=False,
            env={**servers.environment(self.server.folder), 'FAULTLINE': servers.command(), 'FAULTLINE_SERVER': self.server.url, **more})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class GuideWithGoTest(GoCase):

    def test_the_whole_life_of_a_replicated_secret(self):
        self.assertIn('all 9 steps', self.run_guide())


class SignedGoTest(GoCase):
    clock = 'real'
    options = ('--auth', 'verify')
    world = case.WORLD_WITH_SIGNER

    def test_its_signatures_are_right(self):
        self.assertIn('all 1 steps', self.run_guide('signed', **case.SIGNER))


if __name__ == '__main__':
    unittest.main()
