import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../src/emulator.ts';
import { type Json, ROOT } from '../support/emulator.ts';
import { describeWith, failureOf, run } from './programs.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [AGENT = '', USER = '', KUMA = '', LATER_KUMA = '', TEST = ''] = [
  ...README.matchAll(/^```bash\n([\s\S]*?)^```$/gm),
].map(([, script]) => script);
const ADDRESS = /^URL=\S+ KEY=\S+$/m;
const KUMA_ADDRESS = /^KUMA=\S+( CONTROL=\S+)?$/m;

/** The bodies that a script of curl lines has printed, one after the other. */
function printed(text: string): Json[] {
  const values: Json[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const end = [...rest].findIndex((_, index) => isJson(rest.slice(0, index + 1)));
    if (end < 0) throw new Error(`this is no JSON: ${rest}`);
    values.push(JSON.parse(rest.slice(0, end + 1)));
    rest = rest.slice(end + 1).trim();
  }
  return values;
}

function isJson(text: string): boolean {
  if (!/[}\]]$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What a script of the README prints, run word for word but for the address of the emulator. */
async function printedBy(script: string, emulator: Emulator): Promise<Json[]> {
  const { api_key, api_secret } = emulator.credentials;
  expect([ADDRESS.test(script), KUMA_ADDRESS.test(script)]).toContain(true);
  const here = script
    .replace(ADDRESS, `URL=${emulator.http_url} KEY=${api_key}:${api_secret}`)
    .replace(KUMA_ADDRESS, `KUMA=${emulator.kuma_url} CONTROL=${emulator.http_url}/_emulator`);
  const { status, stdout, stderr } = await run('bash', ['--norc', '-eu', '-c', here]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return printed(stdout);
}

describeWith(failureOf('curl', ['--version']) ?? failureOf('bash', ['--version']), 'the README, word for word', () => {
  let emulator: Emulator;
  beforeEach(async () => {
    emulator = await startEmulator({ world: 'empty', checkReplies: true });
  });
  afterEach(() => emulator.close());

  it('has an agent report its cluster', async () => {
    const [label, [service], [binding], why, events] = await printedBy(AGENT, emulator);
    expect(service).toMatchObject({ name: 'web-shop-payments', labels: [{ href: label.href, value: 'Web' }] });
    expect(binding.bound_service.href).toBe(service.href);
    expect(why).toMatchObject({ shown: true, labels: [{ key: 'role', rule: 'R7', refused: [{ value: 'Cache' }] }] });
    expect(events).toHaveLength(5);
  });

  it('has a user log in, provision a draft, and find that another may only read', async () => {
    const [pending, version, inForce, seen, refused] = await printedBy(USER, emulator);
    expect(pending).toMatchObject({ services: [{ name: 'web', update_type: 'create' }] });
    expect(version).toMatchObject({ version: 1, commit_message: 'web' });
    expect(inForce).toMatchObject({ href: '/orgs/1/sec_policy/active/services/2', name: 'web' });
    expect([seen.name, seen.caps, refused[0].token]).toEqual(['web', [], 'authorization_failed']);
  });

  it('makes a resource of each of Kuma 0.4.0, and has a dataplane lead its life', async () => {
    const [overviews, refused, insight] = await printedBy(KUMA, emulator);
    const [subscription] = overviews.items[0].dataplaneInsight.subscriptions;
    expect(overviews.items).toMatchObject([{ type: 'DataplaneOverview', name: 'web-1' }]);
    expect(subscription.status.total).toEqual({ responsesSent: '4', responsesAcknowledged: '4' });
    expect(subscription).toHaveProperty('disconnectTime');
    expect(refused).toMatchObject({ title: 'Could not update a resource', details: 'Resource is not valid' });
    expect(insight).toMatchObject({ subscriptions: [{ status: { total: { responsesSent: '3' } } }] });
  });

  it('makes what Kuma 0.5.1 has more', async () => {
    const later = await startEmulator({ world: 'empty', checkReplies: true, kuma: { version: '0.5.1' } });
    try {
      const [faults, meshes] = await printedBy(LATER_KUMA, later);
      expect(faults).toMatchObject({ total: 1, items: [{ type: 'FaultInjection', name: 'slow' }], next: null });
      expect(meshes).toMatchObject({
        total: 2,
        items: [{ name: 'default' }],
        next: expect.stringMatching(/offset=1&size=1$/),
      });
    } finally {
      await later.close();
    }
  });

  it('controls a test', async () => {
    const [reset, , clock, fault, answer, both, waited] = await printedBy(TEST, emulator);
    expect([reset.name, clock.now, fault.effect.reply]).toEqual(['start', '2026-03-01T09:11:00.000Z', 'lost']);
    expect(answer).toMatchObject([{ token: 'label_key_and_value_must_be_unique' }]);
    expect(both.map(({ status }: Json) => status)).toEqual([null, 406]);
    expect(waited).toEqual(both.slice(1));
  });
});
