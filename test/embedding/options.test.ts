import { type Emulator, type EmulatorOptions, startEmulator, UnusableOption } from '../../src/emulator.ts';

/** What programs without types say, and how they are told. */
const UNUSABLE: [string, unknown, RegExp][] = [
  ['seed', Number.NaN, /^seed takes a text or a number, not NaN$/],
  ['seed', Number.POSITIVE_INFINITY, /not Infinity/],
  ['seed', {}, /not an object/],
  ['port', -1, /^port takes a whole number from 0 to 65535, not -1$/],
  ['port', 65_536, /not 65536/],
  ['port', 1.5, /not 1.5/],
  ['port', '8443', /^port takes a whole number from 0 to 65535, not a string$/],
  ['port', null, /not null/],
  ['host', 5, /^host takes a text, not 5$/],
  ['allowOrigins', 'http://localhost:3000', /^allowOrigins takes a list of texts, not a string$/],
  ['allowOrigins', [5], /^allowOrigins takes a list of texts/],
  ['tls', 'cert.pem', /^tls takes an object with cert and key, or with names/],
  ['tls', { cert: 'x' }, /^tls takes/],
  ['tls', { names: 'localhost' }, /^tls takes/],
  ['apiKey', 'api_me:secret', /^apiKey takes an object with name and secret, not a string$/],
  ['apiKey', { name: 'api_me' }, /^apiKey takes/],
  ['apiKey', { name: '', secret: 's' }, /^an API key needs a name/],
  ['now', 1_700_000_000_000, /^now takes a function/],
  ['log', 'stderr', /^log takes a function/],
  ['listen', 'no', /^listen takes true or false/],
  ['hostile', 1, /^hostile takes true or false/],
  ['journal', 5, /^journal takes an object/],
  ['journal', { entries: -1 }, /^journal\.entries takes a whole number, 0 or more, not -1$/],
  ['journal', { size: 5 }, /^there is no option journal\.size; there are entries, body$/],
  ['jornal', {}, /^there is no option jornal; there are world, .*journal/],
  ['world', 5, /^world takes a text/],
  ['db', {}, /^db takes a text/],
  ['clock', 5, /^clock takes a text/],
  ['controlToken', 5, /^controlToken takes a text/],
  ['offlineAfter', 0, /^offlineAfter takes milliseconds, more than none, not 0$/],
  ['offlineAfter', Number.NaN, /^offlineAfter takes/],
  ['requestTimeout', 0, /^requestTimeout takes milliseconds, from 1 to 2147483647, not 0$/],
  ['requestTimeout', Number.NaN, /not NaN/],
  ['requestTimeout', '60s', /not a string/],
  ['keepAlive', -1, /^keepAlive takes milliseconds/],
  ['sendTimeout', 2 ** 31, /^sendTimeout takes milliseconds/],
  ['maxConnections', 0, /^maxConnections takes a whole number, 1 or more, not 0$/],
  ['maxConnections', 1.5, /^maxConnections takes/],
  ['kuma', true, /^kuma takes an object with version, port and readOnly, or false, not a boolean$/],
  ['kuma', '0.5.1', /^kuma takes an object/],
  ['kuma', null, /^kuma takes an object with .*, not null$/],
  ['kuma', [], /^kuma takes an object with .*, not a list$/],
  ['kuma', { version: '0.6.0' }, /^there is no Kuma 0\.6\.0 here; choose one of 0\.4\.0, 0\.5\.1$/],
  ['kuma', { version: 5 }, /^kuma\.version takes a text, not 5$/],
  ['kuma', { version: null }, /^kuma\.version takes a text, not null$/],
  ['kuma', { port: '5681' }, /^kuma\.port takes a whole number from 0 to 65535, or false, not a string$/],
  ['kuma', { port: 70_000 }, /^kuma\.port takes .*, not 70000$/],
  ['kuma', { port: 1.5 }, /^kuma\.port takes/],
  ['kuma', { port: true }, /^kuma\.port takes .*, not a boolean$/],
  ['kuma', { port: null }, /^kuma\.port takes .*, not null$/],
  ['kuma', { readOnly: 'yes' }, /^kuma\.readOnly takes true or false, not a string$/],
];

describe('an option that cannot be used', () => {
  it.each(UNUSABLE)('is refused in one line: %s %p', async (name, value, message) => {
    const options = { listen: false, [name]: value } as EmulatorOptions;
    const refused = await startEmulator(options).then(
      (emulator) => emulator.close(),
      (error: Error) => error,
    );
    expect(refused).toBeInstanceOf(UnusableOption);
    expect((refused as Error).message).toMatch(message);
    expect((refused as Error).message).not.toMatch(/\n|secret$/);
  });

  it('does not stand for one that was left out', async () => {
    const names = UNUSABLE.map(([name]) => name).filter((name) => !['listen', 'jornal'].includes(name));
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    const emulator = await startEmulator({ ...options, listen: false });
    expect(emulator.world).toBe('demo');
    await emulator.close();
  });

  it('does not stand for one of Kuma that was left out', async () => {
    const emulator = await startEmulator({
      world: 'empty',
      listen: false,
      kuma: { version: undefined, port: undefined, readOnly: undefined },
    });
    expect([emulator.kuma_version, emulator.kuma_url]).toEqual(['0.4.0', '']);
    await emulator.close();
  });
});

describe('Kuma', () => {
  it.each([
    ['false', false],
    ['a port that is none', { port: false, version: '0.5.1' }],
  ] as const)('has no port where it is %s, and its application answers all the same', async (_what, kuma) => {
    const emulator = await startEmulator({ world: 'empty', kuma });
    expect([emulator.kuma_url, typeof emulator.kuma_app]).toEqual(['', 'function']);
    expect(emulator.kuma_version).toBe(kuma === false ? '0.4.0' : '0.5.1');
    await emulator.close();
  });

  it('has the port that it is given, and lets go of it', async () => {
    const first = await startEmulator({ world: 'empty' });
    const { port } = new URL(first.kuma_url);
    const kuma = { port: Number(port) };
    await expect(startEmulator({ world: 'empty', kuma })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      chosenBy: 'kuma-port',
    });
    await first.close();
    const second = await startEmulator({ world: 'empty', kuma });
    expect(second.kuma_url).toBe(`http://127.0.0.1:${port}`);
    await second.close();
  });
});

describe('what the test bench cannot take', () => {
  const circular: Record<string, unknown> = {};
  circular.itself = circular;
  const wrong: [string, (emulator: Emulator) => unknown, RegExp][] = [
    ['a name that is none', ({ faults }) => faults.get('\ud800'), /^a name is a text/],
    ['an empty name', (emulator) => emulator.snapshot(''), /^a name is a text/],
    ['null for a name', (emulator) => emulator.snapshot(null as never), /^a name is a text/],
    ['two dots for a name', ({ faults }) => faults.remove('..'), /^a name is a text/],
    ['a body that is no JSON', ({ requests }) => requests.find({ body: circular }), /cannot be told as JSON: [^\n]+$/],
    ['a fault that is no JSON', ({ faults }) => faults.add(circular as never), /cannot be told as JSON/],
    ['a listener that is none', ({ requests }) => requests.follow(undefined as never), /^follow takes a function$/],
    ['a number for the time', ({ clock }) => clock.set(5 as never), /^the clock takes a text such as/],
    ['a Date that is none', ({ clock }) => clock.freeze(new Date('never')), /^the clock takes a text such as/],
  ];

  it('is refused in one line, and changes nothing', async () => {
    const emulator = await startEmulator({ listen: false, world: 'empty' });
    const before = emulator.saveWorld();
    for (const [what, call, message] of wrong) {
      expect([what, refusalOf(() => call(emulator))]).toEqual([what, expect.stringMatching(message)]);
    }
    await expect(emulator.requests.seen({}, { within: 100 as never })).rejects.toThrow(/^within takes a time such as/);
    emulator.reset(null as never);
    expect([emulator.faults.list(), emulator.saveWorld()]).toEqual([[], before]);
    await emulator.close();
  });
});

function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'not refused';
}
