import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { LABELS, useServer } from '../control/server.ts';
import { authorization, type Json } from '../support/emulator.ts';

const PROFILES = '/orgs/1/pairing_profiles';
const DIGITS = '9'.repeat(400);

describe('a body that is JSON of an odd kind', () => {
  const test = useServer();

  it.each(['1e400', '-1e400', '1e-400', '9007199254740993', '-0', '-1', '1.5', DIGITS, `0.${DIGITS}`, `1e${DIGITS}`])(
    'is refused, or kept as what the number says: %s',
    async (number) => {
      const { server } = test;
      const body = `{"name":"n","enabled":true,"key_lifespan":${number}}`;
      const answer = await server.pce('POST', PROFILES, { body });
      const value = JSON.parse(number) as number;
      if (answer.status === 201) {
        expect(answer.body.key_lifespan).toBe(value + 0);
        expect((await server.pce('GET', answer.body.href)).body.key_lifespan).toBe(value + 0);
      } else {
        expect([answer.status, answer.body[0].token]).toEqual([406, 'input_validation_error']);
        expect((await server.pce('GET', PROFILES)).body).toHaveLength(1);
      }
      expect(answer.status === 201).toBe(Number.isSafeInteger(value) && value > 0 && value < 2 ** 53);
    },
  );

  it.each(['01', '+1', '.5', '1.', '0x10', 'NaN', 'Infinity', '1_000', '--1', "'1'", 'undefined'])(
    'is refused where it is no number: %s',
    async (number) => {
      const { server } = test;
      const body = `{"name":"n","enabled":true,"key_lifespan":${number}}`;
      const { status, body: told } = await server.pce('POST', PROFILES, { body });
      expect([status, told[0].token]).toEqual([406, 'input_validation_error']);
    },
  );

  it.each(['max_results=1e3', 'max_results=9007199254740993', `max_results=${DIGITS}`, 'max_results=0x10'])(
    'has the like in a query, which is refused too: %s',
    async (query) => {
      expect((await test.server.pce('GET', `${LABELS}?${query}`)).status).toBe(406);
    },
  );

  it('means, of two equal keys, the last, as everywhere', async () => {
    const { server } = test;
    const { status, body } = await server.pce('POST', LABELS, {
      body: '{"key":"role","value":"first","key":"app","value":"last"}',
    });
    expect([status, body.key, body.value]).toEqual([201, 'app', 'last']);
    const proto = '{"key":"env","value":"x","__proto__":{"value":"y"},"__proto__":1}';
    expect((await server.pce('POST', LABELS, { body: proto })).status).toBe(406);
  });

  it.each([
    ['half of a character', '"\\ud800"'],
    ['the other half', '"a\\udc00b"'],
    ['halves the wrong way round', '"\\udc00\\ud800"'],
  ])('keeps text with %s as it came, or refuses it', async (_what, value) => {
    const { server } = test;
    const made = await server.pce('POST', LABELS, { body: `{"key":"app","value":${value}}` });
    if (made.status === 201) {
      const again: Json = (await server.pce('GET', made.body.href)).body;
      expect(again).toEqual(made.body);
      expect(again.value).toBe(JSON.parse(value));
    } else expect([made.status, made.body[0].token]).toEqual([406, 'input_validation_error']);
    expect((await server.pce('GET', LABELS)).status).toBe(200);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('is refused where it is compressed, and not blown up: %s', async (coding, compress) => {
    const { server } = test;
    const bomb = compress(Buffer.alloc(4 * 1024 * 1024, ' '));
    const { status } = await fetch(`${server.emulator.http_url}/api/v2${LABELS}`, {
      method: 'POST',
      headers: {
        ...authorization(server.emulator.credentials),
        'content-type': 'application/json',
        'content-encoding': coding,
      },
      body: bomb,
    });
    expect(status).toBe(415);
    expect(server.emulator.requests.find({ status: '415' })[0]?.request).toMatchObject({ text: null });
  });
});
