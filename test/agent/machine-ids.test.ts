import { type Client, type Json, useEmulator } from '../support/emulator.ts';
import { type Cluster, clusterOf, rows, TWO_ORGANISATIONS } from './cluster.ts';

const DUPLICATE = 'container_cluster.duplicate_machine_id';
const nodes = (...ids: (string | null)[]): Json => ({
  nodes: ids.map((machine_id, index) => ({ name: `worker-${index}`, machine_id })),
});

describe('a machine id that two clusters have', () => {
  const test = useEmulator({ world: TWO_ORGANISATIONS });
  let pce: Client;
  let first: Cluster;
  let second: Cluster;
  beforeEach(async () => {
    pce = test.pce;
    first = await clusterOf(test, { name: 'first', report: nodes('aaa', 'bbb') });
    second = await clusterOf(test, { name: 'second', report: nodes('ccc') });
  });
  const errorsOf = async ({ href }: Cluster): Promise<Json[]> => (await pce.get(href)).body.errors;
  const idsOf = async (cluster: Cluster) => (await errorsOf(cluster)).map(({ duplicate_ids }) => duplicate_ids);
  const told = () => rows(pce, `/orgs/1/events?event_type=${DUPLICATE}`);

  it('is an error of both, each with an event that can be read', async () => {
    expect([await errorsOf(first), await errorsOf(second)]).toEqual([[], []]);
    await second.report(nodes('ccc', 'bbb', 'aaa'));
    for (const cluster of [first, second]) {
      const [error, ...more] = await errorsOf(cluster);
      expect(more).toEqual([]);
      expect(error).toEqual({
        audit_event: { href: expect.stringMatching(/^\/orgs\/1\/events\//) },
        duplicate_ids: ['aaa', 'bbb'],
        error_type: DUPLICATE,
      });
      expect((await pce.get(error.audit_event.href)).body).toMatchObject({
        event_type: DUPLICATE,
        severity: 'err',
        created_by: { system: {} },
        resource_changes: [{ resource: { container_cluster: { href: cluster.href } } }],
      });
    }
    expect(await told()).toHaveLength(2);
  });

  it('is told of once, however often it is reported', async () => {
    await second.report(nodes('aaa'));
    const before = [await errorsOf(first), await errorsOf(second)];
    await second.report(nodes('aaa'));
    await first.report(nodes('bbb', 'aaa'));
    await first.report({});
    expect([await errorsOf(first), await errorsOf(second)]).toEqual(before);
    expect(await told()).toHaveLength(2);
  });

  it('is no longer an error once one of them has another', async () => {
    await second.report(nodes('aaa'));
    await first.report(nodes('ddd'));
    expect([await errorsOf(first), await errorsOf(second)]).toEqual([[], []]);
  });

  it('is no longer an error once one of them is deleted', async () => {
    await second.report(nodes('aaa'));
    expect(await idsOf(first)).toEqual([['aaa']]);
    await pce.delete(second.href);
    expect(await errorsOf(first)).toEqual([]);
  });

  it('is no longer an error once one of them has lost its nodes', async () => {
    await second.report(nodes('aaa'));
    await second.report({ errors: [{ error_type: 'kubernetes_connection_failed' }] });
    expect(await errorsOf(second)).toEqual([{ error_type: 'kubernetes_connection_failed' }]);
    expect(await errorsOf(first)).toEqual([]);
  });

  it('stays an error of those that still share it', async () => {
    const third = await clusterOf(test, { name: 'third', report: nodes('aaa', 'ccc') });
    await second.report(nodes('ccc', 'aaa'));
    expect([await idsOf(first), await idsOf(second), await idsOf(third)]).toEqual([
      [['aaa']],
      [['aaa', 'ccc']],
      [['aaa', 'ccc']],
    ]);
    await pce.delete(third.href);
    expect([await idsOf(first), await idsOf(second)]).toEqual([[['aaa']], [['aaa']]]);
    await first.report(nodes());
    expect(await idsOf(second)).toEqual([]);
  });

  it('stays an error when the agent reports errors of its own, or none', async () => {
    await second.report(nodes('aaa'));
    await second.report({ errors: [{ error_type: 'something_else' }] });
    expect((await errorsOf(second)).map(({ error_type }) => error_type).sort()).toEqual([DUPLICATE, 'something_else']);
    await second.report({ errors: [] });
    expect(await idsOf(second)).toEqual([['aaa']]);
    await first.report(nodes('bbb'));
    expect(await errorsOf(second)).toEqual([]);
  });

  it('is the PCE to find out: what an agent says of it is one more error of its own', async () => {
    await second.report({ ...nodes('aaa'), errors: [{ error_type: DUPLICATE }] });
    const found = async () => (await errorsOf(second)).filter(({ audit_event }) => audit_event);
    expect((await found()).map(({ duplicate_ids }) => duplicate_ids)).toEqual([['aaa']]);
    await second.report(nodes('aaa', 'bbb'));
    expect((await found()).map(({ duplicate_ids }) => duplicate_ids)).toEqual([['aaa', 'bbb']]);
  });

  it('is none in another organisation', async () => {
    const foreign = test.as(test.emulator.allCredentials[1] ?? test.emulator.credentials);
    const abroad = await clusterOf(test, { pce: foreign, org: '/orgs/2', report: nodes('aaa', 'bbb') });
    expect((await foreign.get(abroad.href)).body.errors).toEqual([]);
    expect(await errorsOf(first)).toEqual([]);
    expect(await rows(foreign, `/orgs/2/events?event_type=${DUPLICATE}`)).toEqual([]);
  });

  it('is none when two nodes of one cluster have it, or when nodes have none', async () => {
    await first.report(nodes('zzz', 'zzz'));
    expect(await errorsOf(first)).toEqual([]);
    await first.report(nodes(null, null));
    await second.report({ nodes: [{ name: 'worker-1' }, { name: 'worker-2', machine_id: null }] });
    expect([await errorsOf(first), await errorsOf(second)]).toEqual([[], []]);
  });

  it('may be any text', async () => {
    const odd = ['AAA', `'"%_\\/é`, '10/20'];
    await first.report(nodes('aaa', ...odd));
    await second.report(nodes(...odd));
    expect(await idsOf(second)).toEqual([[...odd].sort()]);
    expect(await idsOf(first)).toEqual([[...odd].sort()]);
  });
});
