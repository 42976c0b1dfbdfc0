"""One `faultline serve`, started for a class of tests and ended after it."""
import http.client
import os
import re
import selectors
import signal
import subprocess
import tempfile
import time

STARTED_WITHIN_S = 20
ENDED_WITHIN_S = 20

# The world that most classes want: five regions that are on from the start, one that must be opted into, and what rotates secrets.
WORLD = '''
title: "Regions for real clients"
region { name: "us-west-2" }
region { name: "us-east-1" }
region { name: "eu-west-1" }
region { name: "eu-central-1" }
region { name: "sa-east-1" }
region { name: "ap-northeast-1" }
region { name: "af-south-1" enabled: false }
rotation_function { region: "us-west-2" name: "rotate" }
rotation_function { region: "us-west-2" name: "fails" behavior: FAILS fails_at: 2 }
rotation_function { region: "us-west-2" name: "forbidden" not_invokable: true }
'''


def command():
    """The binary under test."""
    return os.environ['FAULTLINE']


class Server:
    """Starts in the constructor; `stop` ends it and says whether it ended well."""

    def __init__(self, *options, world=WORLD, clock='manual', seed=1):
        self._folder = tempfile.TemporaryDirectory(prefix='faultline-')
        self.folder = self._folder.name
        arguments = [command(), 'serve', '--port', '0', '--clock', clock]
        if seed is not None:
            arguments += ['--seed', str(seed)]
        if world:
            path = os.path.join(self.folder, 'world.textproto')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(world)
            arguments += ['--scenario', path]
        self.errors = open(os.path.join(self.folder, 'stderr'), 'w+', encoding='utf-8')
        self.process = subprocess.Popen(
            arguments + list(options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
            env=environment(self.folder))
        self.greeting = ''
        self.farewell = ''
        self.port = self._wait_for_port()
        self.url = f'http://127.0.0.1:{self.port}'

    def _wait_for_port(self):
        """The first line that names an address is the server's word that it answers."""
        until = time.monotonic() + STARTED_WITHIN_S
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while time.monotonic() < until and self.process.poll() is None:
                if not selector.select(timeout=0.1):
                    continue
                self.greeting += os.read(self.process.stdout.fileno(), 65536).decode()
                found = re.search(r'http://127\.0\.0\.1:(\d+)\S*\s', self.greeting)
                if found:
                    return int(found.group(1))
        self.process.kill()
        self.process.wait()
        raise RuntimeError(f'the server did not start: {self.greeting}{self.log()}')

    def log(self):
        self.errors.flush()
        with open(self.errors.name, encoding='utf-8') as file:
            return file.read()

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        """Asks it to end, as an operator does; answers its exit code, or None if it had to be killed."""
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        self.farewell = self.process.stdout.read().decode()
        self.process.stdout.close()
        self.errors.close()
        self._folder.cleanup()
        return code

    # ---- the operator ----------------------------------------------------------------------------------------------

    def operate(self, *arguments):
        """`faultline fault …` or `faultline time …`, as a user types it."""
        done = subprocess.run(
            [command(), *arguments], capture_output=True, text=True, timeout=60, check=False,
            env={**environment(self.folder), 'FAULTLINE_SERVER': self.url})
        if done.returncode != 0:
            raise RuntimeError(f'faultline {" ".join(arguments)}: exit code {done.returncode}\n{done.stdout}{done.stderr}')
        return done.stdout

    def fault(self, kind, *options):
        return self.operate('fault', 'add', kind, *options)

    def heal(self):
        return self.operate('fault', 'clear', '--all')

    def advance(self, duration):
        """`faultline time advance`, without starting a process each time: ControlRequest.advance_clock.by_ns."""
        nanoseconds = varint(int(seconds(duration) * 1_000_000_000))
        inner = b'\x08' + nanoseconds
        self._control(b'\x2a' + varint(len(inner)) + inner)

    def _control(self, request):
        with open(os.path.join(self.folder, 'faultline', f'{self.port}.token'), encoding='utf-8') as file:
            token = file.readline().strip()
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=60)
        try:
            connection.request('POST', '/_faultline/v1', body=request, headers={
                'Authorization': f'Bearer {token}', 'Content-Type': 'application/x-protobuf'})
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        # ControlResponse.error is field 1.
        if response.status != 200 or answer.startswith(b'\x0a'):
            raise RuntimeError(f'the control surface: HTTP {response.status} {answer!r}')


def varint(number):
    """As protobuf writes it."""
    out = b''
    while number > 0x7f:
        out += bytes([number & 0x7f | 0x80])
        number >>= 7
    return out + bytes([number])


def seconds(duration):
    """Of "90s", "5m", "7d"."""
    return float(duration[:-1]) * {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}[duration[-1]]


def environment(home):
    """What clients and servers see: no configuration but ours, no proxies, no second attempts."""
    return {
        'PATH': '/usr/local/bin:/usr/bin:/bin',
        'HOME': home,
        'XDG_RUNTIME_DIR': home,
        'LC_ALL': 'C.UTF-8',
        'TZ': 'UTC',
        'AWS_ACCESS_KEY_ID': 'test',
        'AWS_SECRET_ACCESS_KEY': 'test',
        'AWS_CONFIG_FILE': '/dev/null',
        'AWS_SHARED_CREDENTIALS_FILE': '/dev/null',
        'AWS_EC2_METADATA_DISABLED': 'true',
        'AWS_MAX_ATTEMPTS': '1',
        'AWS_PAGER': '',
    }
