"""How a story is told: each step as one line of JSON on standard output."""

import argparse
import contextlib
import json
from urllib.parse import urlparse

import illumio


@contextlib.contextmanager
def step(name):
    """Tells a step, with the facts that its block fills in; of one that fails, with what was raised."""
    facts = {}
    try:
        yield facts
    except Exception as error:
        _tell({'step': name, 'failed': said(error)})
        raise
    _tell({'step': name, 'facts': facts})


def _tell(line):
    print(json.dumps(line, cls=illumio.IllumioEncoder), flush=True)


def said(error):
    return '{}: {}'.format(type(error).__name__, error)


def refusal(call, *args, **kwargs):
    """What the client raises, its class and its text; an error in itself when it raises nothing."""
    try:
        call(*args, **kwargs)
    except illumio.IllumioException as error:
        return said(error)
    raise AssertionError('nothing was raised')


def arguments():
    parser = argparse.ArgumentParser()
    for name in ('url', 'ca', 'org', 'key', 'secret'):
        parser.add_argument('--' + name, required=True)
    return parser.parse_args()


def client(args, org=None, secret=None, verify=None):
    """The client as its documentation sets it up; it does not try again, so that a failure shows at once."""
    url = urlparse(args.url)
    pce = illumio.PolicyComputeEngine(
        '{}://{}'.format(url.scheme, url.hostname), port=str(url.port), org_id=org or args.org, retry_count=0
    )
    pce.set_credentials(args.key, secret or args.secret)
    pce.set_tls_settings(verify=args.ca if verify is None else verify)
    return pce
