import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { startEmulator } from '../../src/emulator.ts';

const HELP = `Measures whether the time of a refusal tells what it was refused for. Two requests that are refused alike take
turns on one connection; a rank test (Mann-Whitney) says whether their times can be told apart.

  npm run bench:timing -- [--rounds N]      default 3000 of each; of logins, which are slow, a tenth
`;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3000' }, help: { type: 'boolean', default: false } },
});

interface Asked {
  readonly what: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** What follows `Authorization: Basic`, before it is encoded. */
  credentials(turn: number): string;
}

interface Pair {
  readonly status: number;
  readonly one: Asked;
  readonly other: Asked;
  readonly slow?: boolean;
}

/** Two samples, by their ranks. */
interface Comparison {
  readonly medians: readonly [number, number];
  /** How often the one takes longer than the other; a half where they are alike. */
  readonly share: number;
  /** How likely such a share is where they are alike. */
  readonly p: number;
}

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

/** Mann-Whitney's U with the normal approximation: there are thousands, and next to no ties. */
function compare(one: readonly number[], other: readonly number[]): Comparison {
  const all = [...one.map((time) => ({ time, isOne: 1 })), ...other.map((time) => ({ time, isOne: 0 }))];
  all.sort((a, b) => a.time - b.time);
  const ranks = all.reduce((sum, { isOne }, index) => sum + isOne * (index + 1), 0);
  const [n, m] = [one.length, other.length];
  const u = ranks - (n * (n + 1)) / 2;
  const z = (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
  return { medians: [median(one), median(other)], share: u / (n * m), p: 2 * (1 - normal(Math.abs(z))) };
}

/** The normal distribution (Abramowitz and Stegun 26.2.17; right to seven digits). */
function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const tail = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153].reduce((sum, a) => (sum + a) * t, 0);
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}

/** Noise is what cannot be told by chance, or by less than one in twenty. */
const isNoise = ({ share, p }: Comparison): boolean => p > 0.001 || Math.abs(share - 0.5) < 0.05;

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(HELP);
  const rounds = Number(values.rounds);
  const emulator = await startEmulator({ world: 'demo' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  function timed({ method, path, credentials }: Asked, turn: number, status: number): Promise<number> {
    const authorization = `Basic ${Buffer.from(credentials(turn)).toString('base64')}`;
    return new Promise((resolve, reject) => {
      const url = `${emulator.http_url}/api/v2${path}`;
      const before = process.hrtime.bigint();
      const asking = request(url, { method, agent, headers: { authorization } }, (response) => {
        response.resume().on('end', () => {
          const took = Number(process.hrtime.bigint() - before) / 1000;
          if (response.statusCode === status) resolve(took);
          else reject(new Error(`${method} ${path} answers ${response.statusCode}, not ${status}`));
        });
      });
      asking.on('error', reject).end();
    });
  }

  const { api_key, api_secret, username } = emulator.credentials;
  const other = emulator.allCredentials[1];
  if (!other) throw new Error('there is no second organisation');
  const asOwner = await fetch(`${emulator.http_url}/_emulator/orgs/1/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ann', password: 'correct horse' }),
  });
  if (asOwner.status !== 201) throw new Error(`a user cannot be made: ${asOwner.status}`);
  const hex = (turn: number, length: number) => turn.toString(16).padStart(length, '0');
  const wrongEnd = api_secret.slice(0, -1) + (api_secret.endsWith('0') ? '1' : '0');
  const key = (what: string, credentials: Asked['credentials'], path = '/orgs/1/labels'): Asked => {
    return { what, method: 'GET', path, credentials };
  };
  const login = (what: string, credentials: Asked['credentials']): Asked => {
    return { what, method: 'POST', path: '/login_users/authenticate', credentials };
  };
  const theirs = () => `${other.api_key}:${other.api_secret}`;
  const ours = () => `${api_key}:${api_secret}`;
  const pairs: Pair[] = [
    {
      status: 401,
      one: key('a key that is unknown', (turn) => `api_${hex(turn, 17)}:${hex(turn, 64)}`),
      other: key('one that is known, a wrong secret', (turn) => `${api_key}:${hex(turn, 64)}`),
    },
    {
      status: 401,
      one: key('a secret that is all wrong', () => `${api_key}:${'x'.repeat(64)}`),
      other: key('one whose last character is', () => `${api_key}:${wrongEnd}`),
    },
    {
      ...{ status: 401, slow: true },
      one: login('a login of nobody', (turn) => `nob:${hex(turn, 13)}`),
      other: login('of somebody, with a wrong password', (turn) => `ann:${hex(turn, 13)}`),
    },
    {
      ...{ status: 401, slow: true },
      one: login('a login of nobody', (turn) => `user9@example.com:${hex(turn, 13)}`),
      other: login('of an owner, with a wrong password', (turn) => `${username}:${hex(turn, 13)}`),
    },
    {
      status: 403,
      one: key(
        'a cluster that is not there',
        theirs,
        '/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-000000000000',
      ),
      other: key(
        'one of another organisation',
        theirs,
        '/orgs/1/container_clusters/445bfa9b-4de4-4c09-9705-496eb04b190f',
      ),
    },
    {
      status: 403,
      one: key('a user who is not there', ours, '/users/11'),
      other: key('one of another organisation', ours, '/users/10'),
    },
    {
      status: 403,
      one: key('an organisation that is not there', ours, '/orgs/11/labels'),
      other: key('another organisation', ours, '/orgs/10/labels'),
    },
  ];

  const rows = ['| refused | median µs | refused | median µs | takes longer | p | |', '|---|---|---|---|---|---|---|'];
  let leaks = 0;
  for (const { status, one, other: second, slow } of pairs) {
    const turns = slow ? Math.ceil(rounds / 10) : rounds;
    const [ofOne, ofOther]: [number[], number[]] = [[], []];
    // The first tenth warms up. Who comes first changes, so that neither always follows the same.
    for (let turn = -Math.ceil(turns / 10); turn < turns; turn++) {
      const order: [Asked, number[]][] = [
        [one, ofOne],
        [second, ofOther],
      ];
      for (const [asked, times] of turn % 2 === 0 ? order : order.reverse()) {
        const took = await timed(asked, turn + turns, status);
        if (turn >= 0) times.push(took);
      }
    }
    const found = compare(ofOne, ofOther);
    if (!isNoise(found)) leaks++;
    const [a, b] = found.medians.map((time) => time.toFixed(0));
    const share = `${(found.share * 100).toFixed(1)} %`;
    const p = found.p < 0.001 ? '< 0.001' : found.p.toFixed(3);
    rows.push(
      `| ${one.what} | ${a} | ${second.what} | ${b} | ${share} | ${p} | ${isNoise(found) ? 'noise' : '**tells**'} |`,
    );
  }
  process.stdout.write(`${rows.join('\n')}\n`);
  agent.destroy();
  await emulator.close();
  process.exitCode = leaks > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
