import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator.ts';
import { type Json, ROOT } from '../support/emulator.ts';
import { describeWith, failureOf, run } from './programs.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [, WALK = ''] = /^```bash\n([\s\S]*?)^```$/m.exec(README) ?? [];
const ADDRESS = /^URL=\S+ KEY=\S+$/m;

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

describeWith(failureOf('curl', ['--version']) ?? failureOf('bash', ['--version']), 'the agent of the README', () => {
  it('goes its way, word for word', async () => {
    const emulator = await startEmulator({ world: 'empty', checkReplies: true });
    try {
      const { api_key, api_secret } = emulator.credentials;
      expect(WALK).toMatch(ADDRESS);
      const script = WALK.replace(ADDRESS, `URL=${emulator.http_url} KEY=${api_key}:${api_secret}`);
      const { status, stdout, stderr } = await run('bash', ['--norc', '-eu', '-c', script]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const [label, [service], [binding], why, events] = printed(stdout);
      expect(service).toMatchObject({ name: 'web-shop-payments', labels: [{ href: label.href, value: 'Web' }] });
      expect(binding.bound_service.href).toBe(service.href);
      expect(why).toMatchObject({ shown: true, labels: [{ key: 'role', rule: 'R7', refused: [{ value: 'Cache' }] }] });
      expect(events).toHaveLength(5);
    } finally {
      await emulator.close();
    }
  });
});
