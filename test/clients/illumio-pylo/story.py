"""How a story is told: each step as one line of JSON on standard output. And what it is told of."""

import argparse
import contextlib
import json
import os
from urllib.parse import urlparse

import requests

import illumio_pylo as pylo

# A cluster whose nodes can pair, as world.json has it.
CLUSTER = '/orgs/1/container_clusters/5b1d2c3e-8f40-4a6b-9c7d-0e1f2a3b4c5d'
CODE = 'activation-code-of-the-farm'


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
    print(json.dumps(line), flush=True)


def said(error):
    return '{}: {}'.format(type(error).__name__, error)


def refusal(call, *args, **kwargs):
    """What the client raises, its class and its text; an error in itself when it raises nothing."""
    try:
        call(*args, **kwargs)
    except pylo.PyloEx as error:
        return said(error)
    raise AssertionError('nothing was raised')


def arguments():
    parser = argparse.ArgumentParser()
    for name in ('url', 'ca', 'org', 'key', 'secret'):
        parser.add_argument('--' + name, required=True)
    args = parser.parse_args()
    # The client takes no file of an authority; the library that it speaks HTTP with looks for one here.
    os.environ['REQUESTS_CA_BUNDLE'] = args.ca
    return args


def connector(args, org=None, secret=None):
    url = urlparse(args.url)
    return pylo.APIConnector(
        url.hostname, url.port, args.key, secret or args.secret, org_id=org or int(args.org), name='emulator'
    )


def loaded(con, **options):
    """The whole organisation, as the client's object model has it."""
    org = pylo.Organization(con.org_id)
    org.load_from_api(con, **options)
    return org


def pair(args, *nodes):
    """Has nodes of the cluster pair, through the emulator's own API. Returns the hrefs of their workloads."""
    answer = requests.post(
        '{}/_emulator{}/node_agents'.format(args.url, CLUSTER), json={'activation_code': CODE, 'nodes': nodes}
    )
    answer.raise_for_status()
    return [one['href'] for one in answer.json()]
