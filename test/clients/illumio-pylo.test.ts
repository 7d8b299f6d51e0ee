import { join } from 'node:path';
import type { Release } from '../../src/emulator.ts';
import { describeWith } from './programs.ts';
import { pythonEnvironment, requiredVersion } from './python.ts';
import { recordingOf } from './recording.ts';
import { useStory } from './stories.ts';

/**
 * A second Python client, by an engineer of Illumio and independent of the official one, unmodified, through the stories
 * in `illumio-pylo/`. It loads a whole organisation and fails where one of its objects refers to what is not there. It
 * speaks HTTPS alone.
 */

const STORIES = join(__dirname, 'illumio-pylo');
const REQUIREMENTS = join(STORIES, 'requirements.txt');

const { python, missing } = pythonEnvironment(REQUIREMENTS, 'import illumio_pylo.cli', { options: ['--no-deps'] });
const recording = recordingOf('illumio-pylo', requiredVersion(REQUIREMENTS, 'illumio_pylo'), ['https']);

/** A story of the client, in an organisation with a cluster whose nodes can pair. */
function usePylo(name: string, pceVersion: Release) {
  return useStory({
    name: `illumio-pylo/${name}`,
    options: { world: join(STORIES, 'world.json'), pceVersion },
    recording,
    command: ({ url, ca_file, credentials }) => [
      python,
      [
        ...['-B', join(STORIES, name), '--url', url, '--ca', ca_file, '--org', String(credentials.org_id)],
        ...['--key', credentials.api_key, '--secret', credentials.api_secret],
      ],
    ],
  });
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

/** How the client tells of a refusal. */
const answered = (status: string, token?: string, message = '.*') => {
  const body = token === undefined ? '' : `\\[{"token":"${token}","message":"${message}"}\\]`;
  return expect.stringMatching(`API returned error status "${status}" and error message: ${body}$`);
};
const refused = (token: string, message?: string) => answered('406 Not Acceptable', token, message);

describeWith(missing, 'the second Python client', () => {
  describe.each<[Release, string, string]>([
    ['23.5', '23.5.10', '23.5.10-1'],
    ['25.2', '25.2.10', '25.2.10-24'],
  ])('through an organisation of PCE %s', (pceVersion, short, long) => {
    const { step } = usePylo('organisation.py', pceVersion);
    const KINDS = {
      workloads: 9,
      virtual_services: 1,
      labels: 6,
      labelgroups: 1,
      iplists: 2,
      services: 3,
      rulesets: 1,
      security_principals: 1,
      label_dimensions: 4,
    };
    const STATS = [
      `- Version ${long}`,
      '- 6 Labels in total.  role: 2 / app: 1 / env: 1 / loc: 2',
      '- Workloads: Managed: 4 / Unmanaged: 5 / Deleted: 0',
      '- 2 IPlists in total.',
      '- 1 RuleSets and 2 Rules.',
    ];

    it('reads the version and the health, and is told who it is not', () => {
      expect(step('connect')).toEqual({
        version: long,
        string: short,
        health: [true],
        wrong_secret: answered('401 Unauthorized', 'authentication_failed'),
        another_organisation: expect.stringMatching(/^PyloApiRequestForbiddenEx: .*authorization_failed/),
      });
    });

    it('finds what every organisation has from the first', () => {
      expect(step('load an organisation that has nothing')).toEqual({
        dimensions: ['role', 'app', 'env', 'loc'],
        iplists: ['Any (0.0.0.0/0 and ::/0)'],
        services: ['All Services'],
        any: '/orgs/1/sec_policy/draft/ip_lists/1',
      });
    });

    it('makes labels, and objects of policy', () => {
      expect(step('make labels').values).toEqual(['Cache', 'Cloud', 'Prod', 'Shop', 'Spare', 'Web']);
      expect(step('make an IP list, services and a security principal').principal).toMatch(
        new RegExp(`^/orgs/1/security_principals/${UUID}$`),
      );
    });

    it('makes workloads alone and in bulk, and is told which could not be made', () => {
      const { one, created } = step('make workloads');
      expect(one).toEqual({
        name: 'db-1.example.com',
        interfaces: 'umw:10.1.0.1,umw:2001:db8::1',
        labels: { role: 'Web', app: 'Shop', env: 'Prod', loc: 'Cloud' },
      });
      expect(created).toEqual([
        [1, true, 'Success'],
        [2, true, 'Success'],
        [3, false, expect.stringContaining('/orgs/1/labels/999999')],
        [4, true, 'Success'],
        [5, true, 'Success'],
      ]);
    });

    it('knows which workloads are managed, and their agents', () => {
      expect(step('pair a fleet of nodes')).toEqual({
        managed: [true, true, true, true],
        online: [true, true, true, true],
        mode: 'idle',
        status: 'active',
        agent: '/orgs/1/agents/1',
        agents: 4,
        version: long,
        beats: true,
      });
    });

    it('changes workloads in bulk, and is told which stays as it was', () => {
      const done = [true, null];
      expect(step('change workloads in bulk').results).toEqual([
        ...[done, done, done, done],
        [false, expect.stringContaining('hostname')],
      ]);
    });

    it('writes rule sets and rules, and deletes some', () => {
      expect(step('write rules')).toEqual({ rules: 2, spare: true });
    });

    it('finds everything that workloads and groups refer to', () => {
      const { labels, names } = step('load the organisation');
      const changed = { role: 'Web', env: 'Prod' };
      expect(labels).toEqual({
        'db-1.example.com': { role: 'Web', app: 'Shop', env: 'Prod', loc: 'Cloud' },
        'renamed.example.com': changed,
        'bulk-2.example.com': changed,
        'bulk-4.example.com': changed,
        'bulk-5.example.com': { role: 'Cache' },
        'node-1.example.com': changed,
        'node-2.example.com': {},
        'node-3.example.com': {},
        'node-4.example.com': {},
      });
      expect(names).toEqual({
        'label groups': [['Front', ['Cache', 'Web']]],
        iplists: [
          ['Any (0.0.0.0/0 and ::/0)', ['0.0.0.0/0', '::/0']],
          ['office', ['!192.0.2.128/25', '192.0.2.0/24', '198.51.100.1-198.51.100.9']],
        ],
        services: [
          ['All Services', ['All Services']],
          ['https', ['tcp/443', 'tcp/8000-8080']],
          ['spare', ['proto/47']],
        ],
        'virtual services': ['front'],
        principals: ['staff'],
      });
    });

    it('finds everything that rules refer to', () => {
      const { rulesets, stats } = step('load the organisation');
      const both = ['virtual_services', 'workloads'];
      expect(rulesets).toEqual([
        {
          name: 'shop rules',
          description: 'changed',
          scopes: 'All|Shop|Prod|Cloud',
          rules: [
            {
              description: 'the first',
              intra: true,
              providers: 'LABELS:,Front,Web',
              consumers: '*All Workloads*,WORKLOADS:,node-1.example.com',
              services: 'https: tcp/443,tcp/8000-8080,udp/53,tcp/9000-9010',
              principals: ['staff'],
              resolve: [['workloads'], both],
              deleted: false,
            },
            {
              description: '',
              intra: false,
              providers: 'LABELS:,Cache',
              consumers: 'IPLISTS:,Any (0.0.0.0/0 and ::/0),office',
              services: 'tcp/443',
              principals: [],
              resolve: [both, both],
              deleted: false,
            },
          ],
        },
      ]);
      expect(stats).toEqual(STATS);
    });

    it('loads the same through jobs', () => {
      const { rows, same, stats } = step('load it through jobs');
      expect([rows, same, stats]).toEqual([KINDS, Object.keys(KINDS).sort(), STATS]);
    });

    it('counts each kind by the total of one row', () => {
      expect(step('count').counts).toEqual(KINDS);
    });

    it('filters workloads and VENs', () => {
      const nodes = [1, 2, 3, 4].map((number) => `node-${number}.example.com`);
      expect(step('ask for some workloads')).toEqual({
        by_name: ['bulk-5.example.com'],
        by_address: ['db-1.example.com'],
        by_label: [
          ...['bulk-2.example.com', 'bulk-4.example.com', 'db-1.example.com'],
          ...['node-1.example.com', 'renamed.example.com'],
        ],
        managed: nodes,
        unmanaged: 5,
        two: 2,
      });
      expect(step('read VENs')).toEqual({
        hostnames: nodes,
        by_label: ['node-1.example.com'],
        labels: ['Web', 'Prod'],
      });
    });

    it('shows status, token and message of what is refused', () => {
      expect(step('be refused')).toEqual({
        label: refused('label_key_and_value_must_be_unique', 'Label key and value must be unique'),
        key: refused('label_key_not_supported'),
        rule: refused('input_validation_error'),
        not_there: answered('404 Not Found'),
        in_use: refused('service_referenced'),
      });
    });

    it('deletes in bulk, and unpairs what it may not delete', () => {
      const { first, second, vens, left, deleted } = step('delete workloads in bulk');
      expect(first).toEqual([4, 1, expect.stringContaining('method_not_allowed_error')]);
      expect(second).toEqual([1, 'ven_suspended']);
      expect(vens).toEqual(['node-1.example.com', 'node-4.example.com']);
      expect(left).toEqual(['node-1.example.com', 'node-4.example.com', 'renamed.example.com']);
      expect(deleted).toBe(9);
    });

    it('deletes the labels that nothing has', () => {
      const { errors, spare, prod } = step('delete labels with a tracker');
      expect([errors, spare]).toEqual([1, null]);
      expect(prod).toEqual(refused('label_still_has_associated_workload'));
    });

    it('deletes policy, and reads what happened, the earliest first', () => {
      expect(step('delete policy').rulesets).toBe(0);
      expect(step('read what happened')).toEqual({
        labels: ['Web', 'Cash', 'Shop', 'Prod', 'Cloud', 'Spare'],
        unpaired: 1,
      });
    });
  });

  describe('through commands of its own command line', () => {
    const { step } = usePylo('commands.py', '25.2');
    const [node, elsewhere, other] = ['node-1.example.com', 'node-1.elsewhere.example.com', 'node-2.example.com'];
    const [first, second] = ['web-1.example.com', 'web-2.example.com'];

    it('imports workloads, but none whose name is taken', () => {
      const href = expect.stringMatching(`^/orgs/1/workloads/${UUID}$`);
      expect(step('workload-import').rows).toEqual([
        [first, href, null],
        [second, href, null],
        [other, null, 'Found duplicated name/hostname in PCE'],
      ]);
    });

    it('imports IP lists', () => {
      expect(step('iplist-import').iplists).toEqual([
        ['Any (0.0.0.0/0 and ::/0)', ['0.0.0.0/0', '::/0']],
        ['office', ['192.0.2.0/24', '198.51.100.7']],
      ]);
    });

    it('exports rules and workloads', () => {
      expect(step('rule-export').rows).toEqual([
        {
          ruleset: 'shop',
          scope: 'Shop\nProd\nCloud',
          type: 'intra',
          consumers: 'IPLISTS:\noffice',
          providers: 'LABELS:\nWeb',
          services: 'tcp/443',
        },
      ]);
      expect(step('workload-export')).toEqual({
        rows: [
          [elsewhere, false, null],
          [node, true, null],
          [other, true, null],
          [first, false, 'Web'],
          [second, false, 'Web'],
        ],
        of_the_shop: [first],
      });
    });

    it('removes duplicates, managed ones too', () => {
      expect(step('ven-duplicate-remover')).toEqual({
        rows: [
          [elsewhere, 'deleted'],
          [node, 'deleted'],
        ],
        left: [other, first, second],
      });
    });

    it('deletes the labels that are not used', () => {
      expect(step('label-delete-unused')).toEqual({
        asked: [['Spare', 'TO BE DELETED (no confirm option used)']],
        done: [['Spare', 'deleted']],
        left: ['Cloud', 'Prod', 'Shop', 'Web'],
      });
    });
  });

  recording.itIsOnRecord();
});
