#!/usr/bin/python3
"""Runs one file of tests against a binary: run.py --faultline PATH [--scratch DIR] FILE [unittest's arguments …]

Ends with 77 and one line when what the tests need is not installed.
"""
import argparse
import importlib
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--faultline', required=True)
    parser.add_argument('--scratch', default='/tmp/faultline-conformance')
    parser.add_argument('file')
    arguments, rest = parser.parse_known_args()

    sys.dont_write_bytecode = True
    sys.path.insert(0, HERE)
    os.environ['FAULTLINE'] = os.path.abspath(arguments.faultline)
    os.environ['FAULTLINE_SCRATCH'] = os.path.abspath(arguments.scratch)
    try:
        from harness import clients
        clients.isolate()
        module = importlib.import_module(arguments.file.removesuffix('.py'))
    except ModuleNotFoundError as missing:
        if missing.name.split('.')[0] not in ('boto3', 'botocore'):
            raise
        print(f'skipped: {missing.name} is not installed (python3-boto3)')
        return SKIPPED
    lacking = getattr(module, 'lacking', lambda: None)()
    if lacking:
        print(f'skipped: {lacking}')
        return SKIPPED
    program = unittest.main(module, argv=[arguments.file, *rest], exit=False, verbosity=2)
    # An empty run proves nothing.
    return 0 if program.result.wasSuccessful() and program.result.testsRun > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
