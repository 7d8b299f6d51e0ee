import { chances } from '../../src/simulate/chance.ts';
import { churned } from '../../src/simulate/churn.ts';
import { fleetOf, objectsOf } from '../../src/simulate/fleet.ts';
import type { Inventory, Mode } from '../../src/simulate/inventory.ts';

const SIZE = { clusters: 3, namespaces: 4, workloads: 60, seed: 7 };
const clustersOf = (size = SIZE) => [...fleetOf(size)].map(({ inventory }) => inventory);
const repeated = (texts: readonly string[]) => texts.length - new Set(texts).size;

describe('a fleet', () => {
  it('is the same to the byte for the same seed, and another for another', () => {
    const bytes = JSON.stringify(clustersOf());
    expect(JSON.stringify(clustersOf())).toBe(bytes);
    expect(JSON.stringify(clustersOf({ ...SIZE, seed: 8 }))).not.toBe(bytes);
  });

  it('has the clusters that a smaller one has, and more', () => {
    expect(clustersOf({ ...SIZE, clusters: 2 })[0]?.pods[0]).toEqual(clustersOf()[0]?.pods[0]);
  });

  it('has the size that was asked for', () => {
    for (const { namespaces, services, pods, workloads } of clustersOf()) {
      expect([namespaces, services, pods, workloads].map(({ length }) => length)).toEqual([4, 4, 240, 244]);
    }
    expect(objectsOf(SIZE, 'legacy')).toBe(3 * (4 + 240));
    expect(objectsOf(SIZE, 'clas')).toBe(3 * (4 + 244));
  });

  it('repeats no UID, machine id or address, in all its clusters', () => {
    const clusters = clustersOf();
    const all = <Kind>(of: (inventory: Inventory) => readonly Kind[]) => clusters.flatMap(of);
    const things = [...all(({ pods }) => pods), ...all(({ services }) => services)];
    expect(repeated(things.map(({ uid }) => uid))).toBe(0);
    expect(repeated(things.flatMap(({ ip_addresses }) => ip_addresses))).toBe(0);
    expect(repeated(all(({ nodes }) => nodes).map(({ machine_id }) => machine_id ?? ''))).toBe(0);
    for (const { uid } of things)
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('gives pods addresses of the subnet of a node', () => {
    const [cluster] = clustersOf();
    const subnets = cluster?.nodes.map(({ pod_subnet }) => pod_subnet?.replace(/\.0\/24$/, '')) ?? [];
    expect(subnets).toHaveLength(3);
    for (const { ip_addresses } of cluster?.pods ?? [])
      expect(subnets).toContain(ip_addresses[0]?.replace(/\.\d+$/, ''));
  });

  it('has a service for the first workload of each namespace', () => {
    const [cluster] = clustersOf();
    for (const [at, namespace] of (cluster?.namespaces ?? []).entries()) {
      const pod = cluster?.pods.find((one) => one.namespace === namespace);
      expect(cluster?.services[at]).toMatchObject({ namespace, backends: [pod?.controller] });
    }
  });

  it('has some workloads annotated, and some not', () => {
    const annotated = clustersOf()[0]?.pods.filter(({ annotations }) => annotations['com.illumio.role']) ?? [];
    expect(annotated.length).toBeGreaterThan(100);
    expect(annotated.length).toBeLessThan(220);
  });

  it('is made as it is asked for, so that its size takes no memory', () => {
    const first = fleetOf({ clusters: 100_000, namespaces: 1, workloads: 1, seed: 1 }).next().value;
    expect(first?.inventory.pods).toHaveLength(1);
  });
});

describe('churn', () => {
  const [start] = clustersOf({ clusters: 1, namespaces: 4, workloads: 6, seed: 1 });
  const at = (seed: number) => chances(seed).next().value;
  const after = (changes: number, mode: Mode = 'legacy', seed = 1) =>
    churned(start as Inventory, changes, mode, at(seed));

  it('goes the same way for the same seed, and another for another', () => {
    expect(after(40)).toEqual(after(40));
    expect(after(40, 'legacy', 2)).not.toEqual(after(40));
  });

  it('leaves what has not changed the same object', () => {
    const changed = after(1);
    const kept = changed.pods.filter((pod) => start?.pods.includes(pod));
    expect(kept.length).toBeGreaterThanOrEqual((start?.pods.length ?? 0) - 1);
    expect(churned(start as Inventory, 0, 'legacy', at(1))).toBe(start);
  });

  it('changes something each time', () => {
    for (let seed = 0; seed < 100; seed++) {
      for (const mode of ['legacy', 'clas'] as const) expect(after(1, mode, seed)).not.toEqual(start);
    }
  });

  it('replaces pods, rolls out, and adds and removes services and namespaces', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const { pods, services, namespaces } = after(3, 'legacy', seed);
      if (namespaces.length > 4) seen.add('namespace added');
      if (services.some(({ name, namespace }) => name.startsWith('churn-') && !namespace.startsWith('churn-'))) {
        seen.add('service added');
      }
      const uids = new Set(services.map(({ uid }) => uid));
      if (start?.services.some(({ uid }) => !uids.has(uid))) seen.add('service made anew');
      const hashes = new Set(pods.map(({ controller }) => controller?.name));
      if (start?.pods.some(({ controller }) => !hashes.has(controller?.name))) seen.add('rollout');
      const controllers = pods.filter(({ name }) => !start?.pods.some((one) => one.name === name));
      if (controllers.some(({ controller }) => start?.pods.some((one) => one.controller === controller)))
        seen.add('pod');
    }
    expect([...seen].sort()).toEqual(['namespace added', 'pod', 'rollout', 'service added', 'service made anew']);
  });

  it('keeps services and the controllers behind them together', () => {
    const { services, pods } = after(300);
    const controllers = pods.map(({ namespace, controller }) => `${namespace} ${controller?.name}`);
    for (const { namespace, name, backends } of services) {
      // What churn added may outlive its pods, as in life.
      if (name.startsWith('churn-')) continue;
      for (const backend of backends) expect(controllers).toContain(`${namespace} ${backend.name}`);
    }
  });

  it('keeps the cluster about its size, however long it goes on', () => {
    const { namespaces, services, pods, workloads } = after(3000);
    for (const name of start?.namespaces ?? []) expect(namespaces).toContain(name);
    expect(namespaces.length).toBeLessThanOrEqual(4 + 9);
    expect(pods.length).toBeLessThanOrEqual(24 + 9);
    expect(pods.length).toBeGreaterThanOrEqual(24);
    expect(services.length).toBeGreaterThanOrEqual(4);
    expect(services.length).toBeLessThanOrEqual(4 + 18);
    expect(workloads.length).toBe(pods.length + services.length);
    expect(repeated([...pods, ...services].map(({ uid }) => uid))).toBe(0);
    expect(repeated(workloads.map(({ kind, namespace, name }) => `${kind} ${namespace} ${name}`))).toBe(0);
  });

  it('finds something to do in a cluster that is empty', () => {
    const empty = { nodes: [], namespaces: [], services: [], pods: [], workloads: [] };
    expect(churned(empty, 1, 'clas', at(1)).namespaces).toEqual(['churn-1']);
  });
});
