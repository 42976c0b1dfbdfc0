"""Is an answer one that the service's own model allows? Looked at as it came, before any client has parsed it."""
import base64
import binascii
import json
import re

UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
# The model says 256, and names are as long as 512 (user guide, "AWS Secrets Manager quotas").
TOO_STRICT = {'SecretNameType': 512}
# Errors that no model names: the front door's, of every service with AWS JSON (AWS "Common errors").
COMMON_ERRORS = {
    'AccessDeniedException', 'ExpiredTokenException', 'IncompleteSignatureException', 'InvalidSignatureException',
    'MissingAuthenticationTokenException', 'SerializationException', 'ThrottlingException', 'UnknownOperationException',
    'UnrecognizedClientException', 'ValidationException',
}
SERVICE_ERRORS = {
    # Many operations of KMS answer these without naming them in the model (API reference, "Common Errors").
    'kms': {'NotAuthorizedException', 'KMSInternalException', 'DependencyTimeoutException', 'KeyUnavailableException',
            'KMSInvalidStateException', 'DisabledException', 'NotFoundException', 'InvalidArnException', 'LimitExceededException',
            'InvalidMarkerException', 'DryRunOperationException'},
    'secrets-manager': {'InternalServiceError', 'InvalidParameterException', 'InvalidRequestException', 'ResourceNotFoundException'},
    'account': set(),
}
# What is not the client's fault; everything else is answered 400, whatever a model may say, unless the protocol is REST.
STATUS = {'DependencyTimeoutException': 503, 'KMSInternalException': 500, 'KeyUnavailableException': 500, 'InternalServiceError': 500}


class NotAsModelled(AssertionError):
    """An answer that AWS would not give."""


def complaints(shape, value, path='$'):
    """What is wrong with a value of a shape, one line each."""
    check = CHECKS.get(shape.type_name)
    if check is None:
        return [f'{path}: cannot judge a {shape.type_name}']
    return list(check(shape, value, path))


def _structure(shape, value, path):
    if not isinstance(value, dict):
        yield f'{path}: {type(value).__name__} instead of the structure {shape.name}'
        return
    by_wire_name = {member.serialization.get('name', name): member for name, member in shape.members.items()}
    for name, part in value.items():
        if name in by_wire_name:
            yield from complaints(by_wire_name[name], part, f'{path}.{name}')
        else:
            yield f'{path}.{name}: {shape.name} has no such member'
    for name in shape.required_members:
        wire_name = shape.members[name].serialization.get('name', name)
        if wire_name not in value:
            yield f'{path}.{wire_name}: required, and absent'


def _list(shape, value, path):
    if not isinstance(value, list):
        yield f'{path}: {type(value).__name__} instead of a list'
        return
    yield from _length(shape, len(value), path)
    for index, part in enumerate(value):
        yield from complaints(shape.member, part, f'{path}[{index}]')


def _map(shape, value, path):
    if not isinstance(value, dict):
        yield f'{path}: {type(value).__name__} instead of a map'
        return
    for key, part in value.items():
        yield from complaints(shape.key, key, f'{path}.{key}(key)')
        yield from complaints(shape.value, part, f'{path}.{key}')


def _length(shape, length, path):
    least = shape.metadata.get('min')
    most = TOO_STRICT.get(shape.name, shape.metadata.get('max'))
    if least is not None and length < least:
        yield f'{path}: {length} long, at least {least} expected'
    if most is not None and length > most:
        yield f'{path}: {length} long, at most {most} expected'


def _string(shape, value, path):
    if not isinstance(value, str):
        yield f'{path}: {type(value).__name__} instead of a string'
        return
    yield from _length(shape, len(value), path)
    allowed = getattr(shape, 'enum', None)
    if allowed and value not in allowed:
        yield f'{path}: "{value}" is none of {allowed}'


def _blob(shape, value, path):
    if not isinstance(value, str):
        yield f'{path}: {type(value).__name__} instead of base64'
        return
    try:
        yield from _length(shape, len(base64.b64decode(value, validate=True)), path)
    except binascii.Error as error:
        yield f'{path}: not base64: {error}'


def _integer(shape, value, path):
    if isinstance(value, bool) or not isinstance(value, int):
        yield f'{path}: {value!r} instead of a whole number'
        return
    if 'min' in shape.metadata and value < shape.metadata['min']:
        yield f'{path}: {value} is less than {shape.metadata["min"]}'
    if 'max' in shape.metadata and value > shape.metadata['max']:
        yield f'{path}: {value} is more than {shape.metadata["max"]}'


def _boolean(_, value, path):
    if not isinstance(value, bool):
        yield f'{path}: {value!r} instead of true or false'


def _timestamp(_, value, path):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield f'{path}: {value!r} instead of seconds since 1970'
    elif not 0 < value < 4_102_444_800:
        yield f'{path}: {value!r} is no instant of this century'
    elif round(value, 3) != value:
        yield f'{path}: {value!r} has more than milliseconds'


CHECKS = {
    'structure': _structure, 'list': _list, 'map': _map, 'string': _string, 'blob': _blob, 'integer': _integer, 'long': _integer,
    'boolean': _boolean, 'timestamp': _timestamp,
}


def no_repeats(pairs):
    """JSON may not name a member twice."""
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise NotAsModelled(f'a member is there twice: {sorted(names)}')
    return dict(pairs)


def error_code(headers, document):
    """The error's name, as clients read it."""
    code = document.get('__type') or headers.get('x-amzn-errortype') or ''
    return code.split('#')[-1].split(':')[0]


class Judge:
    """Judges every answer of a client, and remembers what was called and what it came to."""

    def __init__(self):
        self.succeeded = set()
        self.refused = {}
        self.answers = 0

    def watch(self, client):
        model = client.meta.service_model
        service = model.service_id.hyphenize()

        def judge(event_name, response_dict, **_):
            if response_dict is not None:
                self.judge(model.operation_model(event_name.split('.')[-1]), service, response_dict['status_code'],
                           response_dict['headers'], response_dict['body'])

        client.meta.events.register('response-received', judge)

    def judge(self, operation, service, status, headers, body):
        self.answers += 1
        headers = {name.lower(): text for name, text in headers.items()}
        wrong = list(self._transport(service, headers, body))
        try:
            document = json.loads(body, object_pairs_hook=no_repeats) if body else {}
        except ValueError as error:
            raise NotAsModelled(f'{operation.name}: not JSON: {error}: {body!r}') from error
        if status == 200:
            wrong += self._success(operation, document)
            self.succeeded.add((service, operation.name))
        else:
            wrong += self._error(operation, service, status, headers, document)
            self.refused.setdefault((service, operation.name), set()).add(error_code(headers, document))
        if wrong:
            raise NotAsModelled(f'{operation.name}: HTTP {status}\n  ' + '\n  '.join(wrong) + f'\n  {body[:2000]!r}')

    @staticmethod
    def _transport(service, headers, body):
        if not UUID.fullmatch(headers.get('x-amzn-requestid', '')):
            yield f'x-amzn-RequestId: {headers.get("x-amzn-requestid")!r} is no UUID'
        kind = headers.get('content-type')
        allowed = {'application/json'} if service == 'account' else {'application/x-amz-json-1.1'}
        if kind not in allowed and (body or kind is not None):
            yield f'Content-Type: {kind!r}'
        if 'date' not in headers:
            yield 'Date: absent'
        if headers.get('content-length') != str(len(body)):
            yield f'Content-Length: {headers.get("content-length")!r}, and {len(body)} bytes came'

    @staticmethod
    def _success(operation, document):
        if operation.output_shape is None:
            return [] if document == {} else [f'no output is modelled, and {document!r} came']
        return complaints(operation.output_shape, document)

    @staticmethod
    def _error(operation, service, status, headers, document):
        code = error_code(headers, document)
        modelled = {shape.name: shape for shape in operation.error_shapes}
        if code not in modelled and code not in COMMON_ERRORS | SERVICE_ERRORS[service]:
            yield f'"{code}" is no error of {operation.name}'
        shape = modelled.get(code) or operation.service_model.shape_for_error_code(code)
        expected = STATUS.get(code, 400)
        if service == 'account' and shape is not None:
            expected = shape.metadata['error']['httpStatusCode']
        if status != expected:
            yield f'{code} has HTTP status {expected}, not {status}'
        if service != 'account' and ('#' in document.get('__type', '#') or ':' in document['__type']):
            yield f'__type: {document.get("__type")!r}'
        text = document.get('message', document.get('Message'))
        if service == 'secrets-manager' and not isinstance(document.get('Message'), str):
            yield 'Message: absent'
        elif text is not None and (not isinstance(text, str) or text == ''):
            yield f'message: {text!r}; without a text the member is absent'
        for name in document:
            if name not in ('__type', 'message', 'Message') and (shape is None or name not in shape.members):
                yield f'{name}: errors have no such member'
