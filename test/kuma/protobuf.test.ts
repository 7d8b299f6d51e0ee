import { join } from 'node:path';
import fc from 'fast-check';
import { createSchemas, readSchemaFiles } from '../../src/contract/schemas.ts';
import { NumberText, parseJson } from '../../src/kuma/protobuf/json-text.ts';
import { createMessages } from '../../src/kuma/protobuf/messages.ts';
import { readMeta } from '../../src/kuma/protobuf/meta.ts';
import { NotAMessage } from '../../src/kuma/protobuf/not-a-message.ts';
import { hasKumaFeature, KUMA_RELEASES, type KumaRelease } from '../../src/kuma/versions.ts';
import { type Json, ROOT } from '../support/emulator.ts';
import { messagesOf } from './protobuf-messages.ts';

const files = readSchemaFiles(join(ROOT, 'schemas'));
const made = new Map(
  KUMA_RELEASES.map((release) => {
    const has = hasKumaFeature(release);
    const schemas = createSchemas(files, has);
    return [release, { has, schemas, messages: createMessages(schemas) }];
  }),
);

function of(release: KumaRelease) {
  const found = made.get(release);
  if (!found) throw new Error(`no release ${release}`);
  return found;
}

/** What a message of a type is read as. */
const read = (reference: string, json: string, release: KumaRelease = '0.4.0'): Json =>
  of(release).messages.read(`kuma/${reference}`, parseJson(json));

const port = (value: string): Json => read('dataplanes#inbound', `{"port":${value}}`);
const interval = (text: string): Json => read('health_checks#active', JSON.stringify({ interval: text })).interval;
const moment = (text: string): Json =>
  read('dataplane_insights#status', JSON.stringify({ lastUpdateTime: text })).lastUpdateTime;
const sent = (value: string): Json => read('dataplane_insights#stats', `{"responsesSent":${value}}`);
const sampling = (value: string): Json => read('meshes#tracing_backend', `{"sampling":${value}}`);
const conf = (json: string): string => JSON.stringify(read('meshes#ca_backend', `{"conf":${json}}`, '0.5.1').conf);
const refusal = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof NotAMessage) return error.message;
    throw error;
  }
  throw new Error('nothing is refused');
};

describe('a body', () => {
  it('is read up to the end of its first object', () => {
    expect(parseJson('{"a":"}"} and so on')).toEqual({ a: '}' });
    expect(parseJson('{"a":[{}]}}')).toEqual({ a: [{}] });
  });

  it('says of a number how it is written', () => {
    expect(parseJson('[80.50, 1e3]')).toEqual([new NumberText('80.50'), new NumberText('1e3')]);
  });

  it('says the last thing that it says of a key', () => {
    expect(parseJson('{"a":1,"a":null,"a":"x"}')).toEqual({ a: 'x' });
    expect(parseJson('{"a":"x","a":null}')).toEqual({ a: null });
  });

  it('has any key there is', () => {
    expect(Object.keys(parseJson('{"__proto__":1,"constructor":2}') as object)).toEqual(['__proto__', 'constructor']);
  });

  it('has U+FFFD where half a pair of surrogates is written, in keys too', () => {
    expect(parseJson(String.raw`{"\ud800":"\udc00\ud83d\ude00\\ud800"}`)).toEqual({ '\ufffd': '\ufffd😀\\ud800' });
  });

  it.each([
    '',
    ' ',
    '{bad',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '{"a":"\n"}',
    '{"a":01}',
    "{'a':1}",
    '{"a":"\\x"}',
    '{"a":"}',
  ])('is refused where it is no JSON: %j', (text) => {
    expect(() => parseJson(text)).toThrow(NotAMessage);
  });

  it('is refused where it is nested deeper than 200 levels', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(() => parseJson(nested(200))).not.toThrow();
    expect(refusal(() => parseJson(nested(201)))).toBe('it is nested deeper than 200 levels');
  });
});

describe('a message', () => {
  it('shows its fields in the order of the original, by the names that JSON has for them', () => {
    const given = '{"transparent_proxying":{"redirect_port":15001},"gateway":{},"outbound":[],"address":"10.0.0.1"}';
    const names = (release: KumaRelease) => Object.keys(read('dataplanes#networking', given, release));
    expect(names('0.4.0')).toEqual(['address', 'outbound', 'gateway', 'transparentProxying']);
    expect(names('0.5.1')).toEqual(['address', 'gateway', 'outbound', 'transparentProxying']);
    expect(read('dataplanes#networking', given).transparentProxying).toEqual({ redirectPort: 15001 });
  });

  it('goes by the name of JSON where a field is there by both', () => {
    const both = '{"unhealthyThreshold":1,"unhealthy_threshold":2}';
    expect(read('health_checks#passive', both)).toEqual({ unhealthyThreshold: 1 });
    expect(read('health_checks#passive', '{"unhealthyThreshold":null,"unhealthy_threshold":2}')).toEqual({});
  });

  it('knows no other spelling of a field whose name is in camel case in the original', () => {
    expect(read('dataplanes#inbound', '{"service_port":80}')).toEqual({});
  });

  it('passes over what it does not know, at any depth', () => {
    const given = '{"x":1,"networking":{"inbound":[{"port":1,"x":[{}]}]}}';
    expect(read('dataplanes#item', given)).toEqual({ networking: { inbound: [{ port: 1 }] } });
  });

  it('leaves out the meta of its resource, but not fields of the same name in its parts', () => {
    const given = '{"type":"Mesh","name":5,"creationTime":{},"logging":{"backends":[{"name":"a","type":"file"}]}}';
    expect(read('meshes#item', given, '0.5.1')).toEqual({ logging: { backends: [{ name: 'a', type: 'file' }] } });
  });

  it('shows neither zero nor null', () => {
    const given = '{"port":0,"servicePort":null,"address":"","interface":null,"tags":null}';
    expect(read('dataplanes#inbound', given)).toEqual({});
    expect(read('meshes#mtls', '{"enabled":false}')).toEqual({});
    expect(sent('"0"')).toEqual({});
  });

  it('shows messages, lists and maps that are there and empty', () => {
    expect(read('meshes#item', '{"tracing":{}}')).toEqual({ tracing: {} });
    expect(read('dataplanes#item', '{"networking":{"outbound":[]}}')).toEqual({ networking: { outbound: [] } });
    expect(read('dataplanes#inbound', '{"tags":{}}')).toEqual({ tags: {} });
  });

  it('is empty where a body is null', () => {
    expect(read('meshes#item', 'null')).toEqual({});
  });

  it('has an empty one where a list has null', () => {
    expect(read('dataplanes#item', '{"networking":{"inbound":[null]}}')).toEqual({ networking: { inbound: [{}] } });
    expect(read('proxytemplates#conf', '{"imports":[null,""]}')).toEqual({ imports: ['', ''] });
  });

  it.each(['[]', '"x"', '5', 'true'])('is refused where it is %s', (json) => {
    expect(refusal(() => read('meshes#item', json))).toBe('is no object');
    expect(refusal(() => read('meshes#item', `{"logging":${json}}`))).toBe('logging is no object');
  });

  it.each(['{}', '"x"', '5'])('is refused where a list of it is %s', (json) => {
    expect(refusal(() => read('meshes#item', `{"logging":{"backends":${json}}}`))).toBe('logging.backends is no list');
  });

  it('is refused with the place of what is wrong', () => {
    const given = '{"networking":{"inbound":[{},{"port":80.5}]}}';
    expect(refusal(() => read('dataplanes#item', given))).toBe('networking.inbound[1].port is no whole number');
  });
});

describe('one of several', () => {
  it('is the one that the original names last', () => {
    expect(read('meshes#ca', '{"provided":{},"builtin":{}}')).toEqual({ provided: {} });
    expect(read('meshes#logging_backend', '{"tcp":{"address":"a:1"},"file":{"path":"x"},"name":"n"}')).toEqual({
      name: 'n',
      tcp: { address: 'a:1' },
    });
  });

  it('is chosen with null too', () => {
    expect(read('meshes#ca', '{"builtin":null}')).toEqual({ builtin: {} });
    expect(read('meshes#ca', '{"builtin":{},"provided":null}')).toEqual({ provided: {} });
  });

  it('is nothing where its kind is unknown', () => {
    expect(read('meshes#ca', '{"vault":{}}')).toEqual({});
  });

  it('is refused beside a key `type`, which is what Go calls the place of it', () => {
    expect(refusal(() => read('meshes#item', '{"logging":{"backends":[{"type":"file"}]}}'))).toBe(
      'logging.backends[0].type cannot be read',
    );
    expect(refusal(() => read('meshes#item', '{"mtls":{"ca":{"type":"builtin"}}}'))).toBe(
      'mtls.ca.type cannot be read',
    );
    expect(read('meshes#ca', '{"type":null}')).toEqual({});
  });

  it('is refused where one that is not chosen is', () => {
    expect(refusal(() => read('meshes#ca', '{"builtin":5,"provided":{}}'))).toBe('builtin is no object');
  });
});

describe('a number', () => {
  it('may be a string, with spaces around it', () => {
    expect(port('"80"')).toEqual({ port: 80 });
    expect(port('" 80 "')).toEqual({ port: 80 });
    expect(sampling('"50.5"')).toEqual({ sampling: 50.5 });
  });

  it.each(['80.5', '80.0', '-1', '-0', '1e3', '4294967296', '""', '"x"', '"0x50"', 'true', '{}', '[]', '1e400'])(
    'of 32 bits without sign is not %s',
    (json) => {
      expect(refusal(() => port(json))).toMatch(/^port /);
    },
  );

  it('of 64 bits is shown as a string', () => {
    expect(sent('18446744073709551615')).toEqual({ responsesSent: '18446744073709551615' });
    expect(sent('"3"')).toEqual({ responsesSent: '3' });
    expect(refusal(() => sent('18446744073709551616'))).toMatch(/is out of range$/);
  });

  it('in a wrapper tells zero from nothing', () => {
    expect(sampling('0')).toEqual({ sampling: 0 });
    expect(sampling('null')).toEqual({});
    expect(read('circuit_breakers#errors', '{"consecutive":0}', '0.5.1')).toEqual({ consecutive: 0 });
  });

  it('with a fraction has the range of a double', () => {
    expect(sampling('1e2')).toEqual({ sampling: 100 });
    expect(refusal(() => sampling('1e400'))).toBe('sampling 1e400 is out of range');
    expect(refusal(() => sampling('"NaN"'))).toBe('sampling is no number');
  });
});

describe('a text and a truth', () => {
  it.each(['5', 'true', '{}', '[]'])('are no %s', (json) => {
    expect(refusal(() => read('traffic_logs#conf', `{"backend":${json}}`))).toBe('backend is no string');
  });

  it.each(['"true"', '1', '{}'])('are no %s', (json) => {
    expect(refusal(() => read('meshes#mtls', `{"enabled":${json}}`))).toBe('enabled is no boolean');
  });
});

describe('a duration', () => {
  it.each([
    ['1m', '60s'],
    ['10s', '10s'],
    ['100ms', '0.100s'],
    ['1.5s', '1.500s'],
    ['-10s', '-10s'],
    ['-.5s', '-0.500s'],
    ['+1h30m', '5400s'],
    ['0', '0s'],
    ['-0', '0s'],
    ['1us', '0.000001s'],
    ['1\u00b5s1\u03bcs', '0.000002s'],
    ['1ns', '0.000000001s'],
    ['5.s', '5s'],
    ['1.000000001s', '1.000000001s'],
    ['0.1ns', '0s'],
    ['0.3333333333333333333h', '1200s'],
    ['2562047h47m16.854775807s', '9223372036.854775807s'],
  ])('of %s is shown as %s', (text, shown) => {
    expect(interval(text)).toBe(shown);
  });

  it.each(['10', '', '.s', 's', '1d', '1 s', '--1s', '1s-1s', '1e3s', '1s1', '2562047h47m16.854775808s', '1toString'])(
    'is not %j',
    (text) => {
      expect(refusal(() => interval(text))).toBe('interval is no duration');
    },
  );

  it('is no number', () => {
    expect(refusal(() => read('health_checks#active', '{"interval":10}'))).toBe('interval is no string');
  });
});

describe('a timestamp', () => {
  it.each([
    ['2019-10-24T14:04:56.820350Z', '2019-10-24T14:04:56.820350Z'],
    ['2019-10-24T14:04:56.8Z', '2019-10-24T14:04:56.800Z'],
    ['2019-10-24T14:04:56.000Z', '2019-10-24T14:04:56Z'],
    ['2019-10-24T14:04:56.123456789Z', '2019-10-24T14:04:56.123456789Z'],
    ['2020-01-01T00:30:00+01:00', '2019-12-31T23:30:00Z'],
    ['2020-02-28T23:30:00-01:30', '2020-02-29T01:00:00Z'],
    ['2020-01-01T5:00:00Z', '2020-01-01T05:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('of %s is shown as %s', (text, shown) => {
    expect(moment(text)).toBe(shown);
  });

  it.each([
    ...[
      '',
      '2020-01-01',
      '2020-01-01 00:00:00Z',
      '2020-01-01t00:00:00z',
      '2020-01-01T00:00:00',
      '2020-02-30T00:00:00Z',
    ],
    ...['2019-02-29T00:00:00Z', '2020-13-01T00:00:00Z', '2020-01-01T24:00:00Z', '2020-01-01T00:00:60Z'],
    ...['2020-01-01T00:00:00.Z', '2020-01-01T00:00:00.1234567890Z', '2020-01-01T00:00:00+0100'],
    ...['0000-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00'],
  ])('is not %j', (text) => {
    expect(refusal(() => moment(text))).toBe('lastUpdateTime is no timestamp');
  });
});

describe('a map', () => {
  const tags = (json: string): string => JSON.stringify(read('dataplanes#gateway', `{"tags":${json}}`).tags);

  it('has its keys in the order of their bytes', () => {
    expect(tags('{"b":"1","a":"2","B":"3","\u{1F600}":"4","\uFFFD":"5"}')).toBe(
      '{"B":"3","a":"2","b":"1","\uFFFD":"5","\u{1F600}":"4"}',
    );
  });

  it('has any key there is', () => {
    expect(tags('{"__proto__":"1","":"2"}')).toBe('{"":"2","__proto__":"1"}');
  });

  it('has an empty text where null is given', () => {
    expect(tags('{"version":null}')).toBe('{"version":""}');
  });

  it('is refused with other values than texts', () => {
    expect(refusal(() => tags('{"version":1}'))).toBe('tags is no string');
    expect(refusal(() => tags('[]'))).toBe('tags is no object');
  });
});

describe('free JSON', () => {
  it('is kept, with its keys in the order of their bytes at any depth', () => {
    expect(conf('{"b":[{"d":null,"c":true}],"a":{"f":1.50,"e":"x"},"__proto__":{}}')).toBe(
      '{"__proto__":{},"a":{"e":"x","f":1.5},"b":[{"c":true,"d":null}]}',
    );
  });

  it('has numbers of a double', () => {
    expect(conf('{"n":[1e2,-0,0.1,12345678901234567890]}')).toBe('{"n":[100,0,0.1,12345678901234567000]}');
    expect(refusal(() => conf('{"n":1e400}'))).toBe('conf 1e400 is out of range');
  });

  it('is an object', () => {
    expect(refusal(() => conf('[]'))).toBe('conf is no object');
    expect(read('meshes#ca_backend', '{"conf":null}', '0.5.1')).toEqual({});
  });
});

describe('the meta of a resource', () => {
  const meta = (json: string, release: KumaRelease = '0.4.0') => readMeta(parseJson(json), of(release).has);

  it('is empty where nothing is said', () => {
    const nothing = { type: '', mesh: '', name: '' };
    expect(meta('null')).toEqual(nothing);
    expect(meta('{"name":null}')).toEqual(nothing);
  });

  it('is read whatever the case of its keys', () => {
    expect(meta('{"NAME":"a","Type":"Mesh","me\u017fh":"m"}')).toEqual({ type: 'Mesh', mesh: 'm', name: 'a' });
    expect(meta('{"name":"a","nam":"b","names":"c"}').name).toBe('a');
  });

  it('is what the last of several keys says, but for null', () => {
    expect(meta('{"name":"a","NAME":"b","Name":null}').name).toBe('b');
  });

  it.each(['5', 'true', '{}', '["a"]'])('is refused where a name is %s', (json) => {
    expect(refusal(() => meta(`{"name":${json}}`))).toBe('name is no string');
    expect(refusal(() => meta(`{"NAME":${json},"name":"a"}`))).toBe('name is no string');
  });

  it.each(['[]', '"x"', '5'])('is refused where the body is %s', (json) => {
    expect(refusal(() => meta(json))).toBe('is no object');
  });

  it('is refused for times that are none, where the release knows of times', () => {
    expect(() => meta('{"creationTime":"yesterday"}', '0.4.0')).not.toThrow();
    expect(refusal(() => meta('{"creationTime":"yesterday"}', '0.5.1'))).toBe('creationTime is no timestamp');
    expect(refusal(() => meta('{"modificationTime":5}', '0.5.1'))).toBe('modificationTime is no string');
    expect(() => meta('{"creationTime":"0001-01-01T00:00:00Z","modificationTime":null}', '0.5.1')).not.toThrow();
  });
});

describe.each(KUMA_RELEASES)('whatever is written in %s', (release) => {
  const { schemas, messages } = of(release);
  const types = [...files.keys()].filter(
    (file) => file.startsWith('kuma/') && 'type' in properties(file) && file !== 'kuma/overviews',
  );

  function properties(file: string): Json {
    const { $defs } = files.get(file) as Json;
    return $defs.item?.properties ?? {};
  }

  it.each(types)('of %s is as its schema has it, and stays as it is when it is read again', (file) => {
    const reference = `${file}#item`;
    fc.assert(
      fc.property(messagesOf(schemas, reference), (text) => {
        const spec = messages.read(reference, parseJson(text));
        const shown = JSON.stringify(spec);
        expect(JSON.stringify(messages.read(reference, parseJson(shown)))).toBe(shown);
        expect(schemas.check(reference, { ...identityOf(properties(file)), ...spec })).toEqual([]);
      }),
    );
  });
});

const identityOf = ({ type, mesh }: Json) => ({ type: type.const, ...(mesh && { mesh: 'default' }), name: 'a' });
