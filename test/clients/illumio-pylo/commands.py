"""Runs commands of the client's own command line, each as a process in a folder of its own, and looks at what it wrote."""

import csv
import glob
import json
import os
import subprocess
import sys
import tempfile
from urllib.parse import urlparse

import illumio_pylo as pylo

from story import arguments, connector, loaded, pair, step

args = arguments()
con = connector(args)
url = urlparse(args.url)
# Its credentials; and nothing of the user's, whose home is not told.
os.environ.update(
    PYLO_FQDN=url.hostname, PYLO_PORT=str(url.port), PYLO_API_USER=args.key, PYLO_API_KEY=args.secret,
    PYLO_ORG_ID=args.org,
)


def run(command, *options, files=None, answer=''):
    """Runs a command. Returns the rows of its report, and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (files or {}).items():
            with open(os.path.join(folder, name), 'w', newline='') as file:
                csv.writer(file).writerows(rows)
        done = subprocess.run(
            [sys.executable, '-B', '-m', 'illumio_pylo.cli', '--pce', 'ENV', command, *options],
            cwd=folder, input=answer, capture_output=True, text=True, timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError('{}: {}\n{}'.format(command, done.stdout[-1000:], done.stderr[-2000:]))
        reports = [json.load(open(path)) for path in glob.glob(os.path.join(folder, '**', '*.json'), recursive=True)]
        return (reports[0] if reports else None), done.stdout


JSON = ('--report-format', 'json')

with step('prepare') as facts:
    for key, value in (('role', 'Web'), ('app', 'Shop'), ('env', 'Prod'), ('loc', 'Cloud'), ('loc', 'Spare')):
        con.objects_label_create(value, key)
    facts['nodes'] = len(pair(args, 'node-1.example.com', 'node-2.example.com'))
    con.objects_workload_create_single_unmanaged({'hostname': 'node-1.elsewhere.example.com'})

with step('workload-import') as facts:
    rows, _ = run('workload-import', '-i', 'in.csv', '-p', '-n', *JSON, files={'in.csv': [
        ['name', 'hostname', 'ip', 'description', 'label:role', 'label:app', 'label:env', 'label:loc'],
        ['', 'web-1.example.com', '10.3.0.1', 'the first', 'Web', 'Shop', 'Prod', 'Cloud'],
        ['second', 'web-2.example.com', '10.3.0.2,10.3.0.3', '', 'Web', '', '', ''],
        ['', 'node-2.example.com', '10.3.0.4', '', '', '', '', ''],
    ]})
    facts['rows'] = [[row['hostname'], row['href'], row['**not_created_reason**']] for row in rows]

with step('iplist-import') as facts:
    run('iplist-import', '-i', 'in.csv', '-p', '-n', files={'in.csv': [
        ['name', 'description', 'networks'], ['office', 'of the office', '192.0.2.0/24,198.51.100.7'],
    ]})
    facts['iplists'] = [[one.name, sorted(one.raw_entries)] for one in loaded(con).IPListStore.iplists]

with step('rule-export') as facts:
    org = loaded(con)
    label = org.LabelStore.find_label_by_name
    ruleset = org.RulesetStore.api_create_ruleset('shop', label('Shop'), label('Prod'), label('Cloud'))
    ruleset.api_create_rule(
        intra_scope=True, providers=[label('Web')], consumers=[org.IPListStore.find_by_name('office')],
        services=[pylo.DirectServiceInRule(6, 443)],
    )
    rows, _ = run('rule-export', *JSON)
    facts['rows'] = [
        {name: row[name] for name in ('ruleset', 'scope', 'type', 'consumers', 'providers', 'services')} for row in rows
    ]

with step('workload-export') as facts:
    rows, _ = run('workload-export', *JSON)
    facts['rows'] = sorted([row['hostname'], row['managed'], row['label_role']] for row in rows)
    rows, _ = run('workload-export', '--filter-query', "app == 'Shop'", *JSON)
    facts['of_the_shop'] = [row['hostname'] for row in rows]

with step('ven-duplicate-remover') as facts:
    options = ('--ignore-pce-online-status', '--proceed-with-deletion')
    rows, _ = run('ven-duplicate-remover', *options, *JSON, answer='y\n')
    facts['rows'] = sorted([row['hostname'], row['action']] for row in rows)
    facts['left'] = sorted(one['hostname'] for one in con.objects_workload_get())

with step('label-delete-unused') as facts:
    rows, printed = run('label-delete-unused', *JSON)
    facts['asked'] = [[row['value'], row['action']] for row in rows]
    rows, printed = run('label-delete-unused', '--confirm', *JSON)
    facts['done'] = [[row['value'], row['action']] for row in rows]
    facts['left'] = sorted(one['value'] for one in con.objects_label_get())
