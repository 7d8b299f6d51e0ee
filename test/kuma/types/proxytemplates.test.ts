import { proxytemplates } from '../../../src/kuma/types/proxytemplates.ts';
import { faultsOf } from './faults.ts';

const SELECTORS = [{ match: { service: 'backend' } }];
const CLUSTER = "'@type': type.googleapis.com/envoy.api.v2.Cluster\nconnectTimeout: 5s\nname: localhost:8443\n";

const withResource = (resource: string) =>
  faultsOf(proxytemplates, { conf: { resources: [{ name: 'raw', version: 'v1', resource }] } });

const refused = (why: string) => [`conf.resources[0].resource: native Envoy resource is not valid: ${why}`];
const noMap = (kind: string) =>
  refused(`json: cannot unmarshal ${kind} into Go value of type map[string]*json.RawMessage`);
const NO_TYPE = refused("Any JSON doesn't have '@type'");

describe('ProxyTemplate', () => {
  it('may say nothing', () => {
    expect(faultsOf(proxytemplates, {})).toEqual([]);
    expect(faultsOf(proxytemplates, { selectors: [], conf: {} }, '0.5.1')).toEqual([]);
  });

  it('has a service in its selectors, if it has any', () => {
    expect(faultsOf(proxytemplates, { selectors: [...SELECTORS, { match: { version: '1' } }, {}] })).toEqual([
      'selectors[1].match: mandatory tag "service" is missing',
      'selectors[2].match: must have at least one tag',
      'selectors[2].match: mandatory tag "service" is missing',
    ]);
  });

  it('imports what is known', () => {
    expect(faultsOf(proxytemplates, { selectors: SELECTORS, conf: { imports: ['default-proxy', '', 'foo'] } })).toEqual(
      ['conf.imports[1]: cannot be empty', 'conf.imports[2]: profile not found. Available profiles: default-proxy'],
    );
  });

  it('has names, versions and texts for its resources', () => {
    expect(faultsOf(proxytemplates, { conf: { resources: [{}] } })).toEqual([
      'conf.resources[0].name: cannot be empty',
      'conf.resources[0].version: cannot be empty',
      'conf.resources[0].resource: cannot be empty',
    ]);
  });
});

describe('a resource of Envoy', () => {
  it.each([
    ['in YAML', CLUSTER],
    ['in YAML that begins elsewhere', `# ours\n---\n  name: x\n  "@type" : "a/envoy.api.v2.Listener" # all of it\n`],
    ['with lists at the left', `a:\n- b: c\n'@type': envoy.api.v2.auth.Secret\r\n`],
    ['in JSON', JSON.stringify({ name: 'x', '@type': 'type.googleapis.com/envoy.api.v2.RouteConfiguration' })],
  ])('is known %s', (_how, text) => {
    expect(withResource(text)).toEqual([]);
  });

  it.each([
    ['unknown', CLUSTER.replace('Cluster', 'Nope')],
    ['unknown in JSON', '{"@type": "type.googleapis.com/envoy.api.v2.Nope"}'],
  ])('is refused where its type is %s', (_what, text) => {
    expect(withResource(text)).toEqual(refused('unknown message type "envoy.api.v2.Nope"'));
  });

  it.each([
    ['has none', 'name: x\nnested:\n  "@type": envoy.api.v2.Cluster\n'],
    ['has none in JSON', '{"a": {"@type": "envoy.api.v2.Cluster"}}'],
    ['has an empty one', "'@type':\nname: x\n"],
    ['has a null', "'@type': ~ # nothing\n"],
    ['has a null in JSON', '{"@type": null}'],
    ['says nothing', '\n# nothing\n'],
    ['is null', 'null'],
  ])('is refused where it %s', (_what, text) => {
    expect(withResource(text)).toEqual(NO_TYPE);
  });

  it.each([
    ['string', 'not-envoy-resource'],
    ['string', '"quoted: text"'],
    ['string', 'http://nothing'],
    ['number', '80.5'],
    ['bool', 'true'],
    ['array', '- a: b'],
    ['array', '[{"@type": "envoy.api.v2.Cluster"}]'],
  ])('is refused where it is a %s: %s', (kind, text) => {
    expect(withResource(text)).toEqual(noMap(kind));
  });

  it('is refused where its type is no text', () => {
    expect(withResource('{"@type": {"a": "b"}}')).toEqual(
      refused('can\'t unmarshal Any\'s \'@type\': "{\\"a\\":\\"b\\"}"'),
    );
  });

  it('is refused where YAML has no such key without quotes', () => {
    expect(withResource('name: x\n@type: envoy.api.v2.Cluster')).toEqual(
      refused("invalid character '@' looking for beginning of value"),
    );
  });

  it('is refused where it is broken JSON', () => {
    expect(withResource('{"@type": ')).toEqual(refused('invalid character in a JSON object'));
  });
});
