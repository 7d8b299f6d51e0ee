import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Agent, createAgent } from '../../src/simulate/agent.ts';
import { type Inventory, inventoryOf, type Mode, type Pod } from '../../src/simulate/inventory.ts';
import { readList } from '../../src/simulate/kubernetes.ts';
import { createPceClient, type PceClient } from '../../src/simulate/pce-client.ts';
import { createPodsCheck } from '../../src/simulate/pods.ts';
import { ROOT } from '../support/emulator.ts';
import { CLUSTER, createFakeTime, type FakePce, startFakePce, tokenOf } from './fake-pce.ts';

const DUMP = inventoryOf(readList(readFileSync(join(ROOT, 'fixtures/kubernetes/kurl-v1.23.json'), 'utf8'), 'the dump'));
const NOTHING: Inventory = { nodes: [], namespaces: [], services: [], pods: [], workloads: [] };

describe('an agent', () => {
  let pce: FakePce;
  let client: PceClient;
  let notes: string[];
  let done: number;
  beforeEach(async () => {
    pce = await startFakePce();
    client = createPceClient(
      { origin: pce.url, insecure: false, parallel: 1 },
      createFakeTime(),
      new AbortController().signal,
    );
    notes = [];
    done = 0;
  });
  afterEach(async () => {
    client.close();
    await pce.close();
    expect(pce.violations).toEqual([]);
  });

  const agentOf = (mode: Mode): Agent =>
    createAgent(
      { href: `/orgs/1/container_clusters/${CLUSTER}`, token: tokenOf(1) },
      {
        client,
        mode,
        takesPods: createPodsCheck(client, (line) => void notes.push(line)),
        done: (count) => {
          done += count;
        },
      },
    );
  /** What it asks while it reports. */
  const asks = async (agent: Agent, inventory: Inventory): Promise<string[]> => {
    pce.requests.length = 0;
    await agent.report(inventory);
    return pce.asked;
  };
  const bodyOf = (end: string) => pce.requests.find(({ path }) => path.endsWith(end))?.body;

  it('signs in with the UUID and the token of its cluster, and to the control API not at all', async () => {
    await agentOf('legacy').report(DUMP);
    const expected = `Basic ${Buffer.from(`${CLUSTER}:${tokenOf(1)}`).toString('base64')}`;
    for (const { path, headers } of pce.requests) {
      expect(headers.authorization).toBe(path.startsWith('/_emulator') ? undefined : expected);
    }
  });

  describe('in legacy mode', () => {
    it('reports the cluster, its services and its pods', async () => {
      expect(await asks(agentOf('legacy'), DUMP)).toEqual([
        'PUT put_from_cluster',
        'PUT services?refresh=true',
        'GET /_emulator/ready',
        'PUT pods?refresh=true',
      ]);
      expect(bodyOf('put_from_cluster')).toEqual({
        manager_type: 'Kubernetes v1.23.5',
        kubelink_version: 'pce-emulator-simulate',
        container_runtime: 'docker',
        cluster_mode: 'legacy',
        nodes: DUMP.nodes,
        namespaces: DUMP.namespaces,
        errors: [],
      });
      expect(bodyOf('services?refresh=true')).toHaveLength(12);
      expect(bodyOf('pods?refresh=true')).toHaveLength(57);
      expect(done).toBe(12 + 57);
    });

    it('cuts long lists: the first part says that there are no others, the rest are more', async () => {
      const pods = Array.from({ length: 2500 }, (_, at): Pod => ({ ...(DUMP.pods[0] as Pod), uid: `pod-${at}` }));
      const asked = await asks(agentOf('legacy'), { ...DUMP, pods });
      expect(asked.slice(-3)).toEqual(['PUT pods?refresh=true', 'PUT pods', 'PUT pods']);
      expect(pce.requests.slice(-3).map(({ body }) => body.length)).toEqual([1000, 1000, 500]);
    });

    it('says of a cluster without services and pods that it has none', async () => {
      await agentOf('legacy').report(NOTHING);
      expect(bodyOf('services?refresh=true')).toEqual([]);
      expect(bodyOf('pods?refresh=true')).toEqual([]);
    });

    it('only shows that it is there when nothing has changed', async () => {
      const agent = agentOf('legacy');
      await agent.report(DUMP);
      expect(await asks(agent, DUMP)).toEqual(['PUT put_from_cluster']);
    });

    it('tells what has changed and what is gone', async () => {
      const agent = agentOf('legacy');
      await agent.report(DUMP);
      const [first, second, ...others] = DUMP.services;
      const [pod, ...pods] = DUMP.pods;
      if (!first || !second || !pod) throw new Error('the dump has some');
      const fresh = { ...pod, uid: 'new', name: 'new' };
      const now = { ...DUMP, services: [{ ...second, backends: [] }, ...others], pods: [...pods, fresh] };
      expect(await asks(agent, now)).toEqual([
        'PUT put_from_cluster',
        'PUT services/delete',
        'PUT services',
        'PUT pods/delete',
        'PUT pods',
      ]);
      expect(pce.requests.slice(1).map(({ body }) => body)).toEqual([
        [{ uid: first.uid }],
        [{ ...second, backends: [] }],
        [{ uid: pod.uid }],
        [fresh],
      ]);
    });

    it('tells everything again after a report that failed', async () => {
      const agent = agentOf('legacy');
      await agent.report(DUMP);
      pce.instead = ({ path }) => (path.endsWith('put_from_cluster') ? { status: 500 } : undefined);
      await expect(agent.report(DUMP)).rejects.toThrow('500');
      pce.instead = () => undefined;
      expect(await asks(agent, DUMP)).toContain('PUT services?refresh=true');
    });

    it.each([
      [404, undefined],
      [200, { status: 'something else' }],
      [401, [{ token: 'unauthorized', message: 'No' }]],
    ])('leaves pods out where the server is no emulator (%i), and says so once', async (status, body) => {
      pce.instead = ({ path }) => (path.startsWith('/_emulator') ? { status, body } : undefined);
      const agent = agentOf('legacy');
      await agent.report(DUMP);
      await agent.report({ ...DUMP, pods: [] });
      expect(pce.asked.filter((one) => one.includes('pods'))).toEqual([]);
      expect(notes).toEqual(['pods are reported by node agents, whose protocol is not public; skipped']);
    });
  });

  describe('in CLAS mode', () => {
    it('reports the cluster, its services and its workloads, and takes the policy over', async () => {
      expect(await asks(agentOf('clas'), DUMP)).toEqual([
        'PUT put_from_cluster',
        'PUT services?refresh=true',
        'GET kubernetes_workloads',
        'POST kubernetes_workloads/bulk_create',
        'GET policies',
        'PUT security_policy_acks',
        'PUT security_policy_applied',
      ]);
      expect(bodyOf('put_from_cluster')).toMatchObject({ cluster_mode: 'clas' });
      expect(bodyOf('bulk_create')).toEqual(DUMP.workloads);
      expect(bodyOf('security_policy_acks')).toEqual({ security_policy_set_digest: 'a'.repeat(64) });
      expect(bodyOf('security_policy_applied')).toEqual({ security_policy_set_digest: 'a'.repeat(64) });
      expect(done).toBe(12 + 24);
    });

    it('acknowledges no policy twice', async () => {
      const agent = agentOf('clas');
      await agent.report(DUMP);
      expect(await asks(agent, DUMP)).toEqual(['PUT put_from_cluster', 'GET policies']);
    });

    it('creates, updates and deletes what differs from what the PCE has', async () => {
      await agentOf('clas').report(DUMP);
      const [gone, kept, ...others] = DUMP.workloads;
      if (!gone || !kept) throw new Error('the dump has some');
      const fresh = { ...gone, name: 'fresh' };
      const asked = await asks(agentOf('clas'), { ...DUMP, workloads: [kept, ...others, fresh] });
      expect(asked.slice(2, 6)).toEqual([
        'GET kubernetes_workloads',
        'PUT kubernetes_workloads/bulk_delete',
        'POST kubernetes_workloads/bulk_create',
        'PUT kubernetes_workloads/bulk_update',
      ]);
      expect(bodyOf('bulk_delete')).toEqual([
        { href: `/orgs/1/kubernetes_workloads/${gone.kind}.${gone.namespace}.${gone.name}` },
      ]);
      expect(bodyOf('bulk_create')).toEqual([fresh]);
      // What metadata the PCE has of them, its list does not tell.
      expect(bodyOf('bulk_update')).toHaveLength(23);
    });

    it('later tells only what has changed', async () => {
      const agent = agentOf('clas');
      await agent.report(DUMP);
      const [changed, gone, ...others] = DUMP.workloads;
      if (!changed || !gone) throw new Error('the dump has some');
      const metadata = { ...changed.metadata, annotations: { 'com.illumio.role': 'Web' } };
      const asked = await asks(agent, { ...DUMP, workloads: [{ ...changed, metadata }, ...others] });
      expect(asked).toEqual([
        'PUT put_from_cluster',
        'PUT kubernetes_workloads/bulk_delete',
        'PUT kubernetes_workloads/bulk_update',
        'GET policies',
      ]);
      expect(bodyOf('bulk_update')).toEqual([
        { href: `/orgs/1/kubernetes_workloads/Deployment.kube-system.${changed.name}`, metadata },
      ]);
      expect(pce.workloads.size).toBe(23);
    });

    it('creates a workload anew that was gone and is back', async () => {
      const agent = agentOf('clas');
      await agent.report(DUMP);
      await agent.report({ ...DUMP, workloads: DUMP.workloads.slice(1) });
      await asks(agent, DUMP);
      expect(bodyOf('bulk_create')).toEqual([DUMP.workloads[0]]);
    });

    it('asks for the whole list where it was cut short', async () => {
      pce.instead = ({ path }) =>
        path.endsWith('/kubernetes_workloads')
          ? { status: 200, headers: { 'x-total-count': '700' }, body: [] }
          : undefined;
      const asked = await asks(agentOf('clas'), DUMP);
      expect(asked.slice(2, 4)).toEqual(['GET kubernetes_workloads', 'GET kubernetes_workloads?max_results=700']);
    });

    it('keeps in step when workloads come in several bodies', async () => {
      const workloads = Array.from({ length: 1500 }, (_, at) => ({
        ...(DUMP.workloads[0] as never as object),
        name: `w-${at}`,
      }));
      const all = { ...DUMP, workloads: workloads as never as Inventory['workloads'] };
      const agent = agentOf('clas');
      await agent.report(all);
      await asks(agent, { ...all, workloads: all.workloads.slice(0, -1) });
      expect(bodyOf('bulk_delete')).toEqual([{ href: '/orgs/1/kubernetes_workloads/Deployment.kube-system.w-1499' }]);
    });
  });
});
