"""The guide's flow with the AWS SDK for JavaScript v3; its packages are pinned by js/package-lock.json."""
import os
import re
import shutil
import subprocess
import unittest

from harness import case
from harness import server as servers

HERE = os.path.dirname(os.path.abspath(__file__))
OLDEST_NODE = 18


def node_version():
    done = subprocess.run([shutil.which('node'), '--version'], capture_output=True, text=True, check=True)
    return int(re.match(r'v(\d+)', done.stdout).group(1))


def packages():
    """Where the pinned packages are: installed by `npm ci` below the build, the first time and whenever the pins change."""
    scratch = os.path.join(os.environ['FAULTLINE_SCRATCH'], 'js')
    os.makedirs(scratch, exist_ok=True)
    with open(os.path.join(HERE, 'js/package-lock.json'), encoding='utf-8') as file:
        pins = file.read()
    stamp = os.path.join(scratch, 'installed')
    for name in ('package.json', 'package-lock.json', 'guide.mjs'):
        shutil.copy(os.path.join(HERE, 'js', name), scratch)
    installed = ''
    if os.path.exists(stamp):
        with open(stamp, encoding='utf-8') as file:
            installed = file.read()
    if installed != pins:
        done = subprocess.run(
            ['npm', 'ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], cwd=scratch, capture_output=True,
            text=True, timeout=300, check=False)
        if done.returncode != 0:
            return None, f'`npm ci` failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}'
        with open(stamp, 'w', encoding='utf-8') as file:
            file.write(pins)
    return scratch, None


def lacking():
    if not shutil.which('node') or not shutil.which('npm'):
        return 'node or npm is not installed (nodejs, npm)'
    if node_version() < OLDEST_NODE:
        return f'node is of version {node_version()}, and the SDK wants {OLDEST_NODE} or later'
    return packages()[1]


class JavaScriptCase(case.ServedCase):

    def run_guide(self, *arguments, **more):
        folder, _ = packages()
        done = subprocess.run(
            ['node', 'guide.mjs', *arguments], cwd=folder, capture_output=True, text=True, timeout=150, check=False,
            env={**servers.environment(self.server.folder), 'FAULTLINE': servers.command(), 'FAULTLINE_SERVER': self.server.url,
                 'PATH': os.environ['PATH'], **more})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class GuideWithJavaScriptTest(JavaScriptCase):

    def test_the_whole_life_of_a_replicated_secret(self):
        self.assertIn('all 10 steps', self.run_guide())


class SignedJavaScriptTest(JavaScriptCase):
    clock = 'real'
    options = ('--auth', 'verify')
    world = case.WORLD_WITH_SIGNER

    def test_its_signatures_are_right(self):
        self.assertIn('all 1 steps', self.run_guide('signed', **case.SIGNER))


if __name__ == '__main__':
    unittest.main()
