import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document, World } from '../../src/contract/collection.ts';
import { KUMA_RELEASES, RELEASES, startEmulator } from '../../src/emulator.ts';
import { createEngine } from '../../src/engine.ts';
import { digest } from '../../src/kernel/secrets.ts';
import { hear } from '../../src/pce/agent/reported.ts';
import { containerClusters } from '../../src/pce/container-clusters.ts';
import { containerWorkloadProfiles } from '../../src/pce/container-workload-profiles.ts';
import { containerWorkloads } from '../../src/pce/container-workloads.ts';
import { labels } from '../../src/pce/labels.ts';
import { createNetwork } from '../../src/pce/networks.ts';
import { virtualServices } from '../../src/pce/virtual-services.ts';
import { type FleetPart, type FleetSize, LABELS, OBJECTS, partsOf } from './fleet-parts.ts';
import { say } from './scaffold.ts';
import { whole } from './table.ts';

/** A file with a fleet in it. */
export interface FleetFile {
  readonly file: string;
  /** Milliseconds that it took to make. */
  readonly took: number;
  /** The hrefs of the clusters, in order. */
  readonly clusters: readonly string[];
  /** The hrefs of the labels: `labels['app=payments']`. */
  readonly labels: Readonly<Record<string, string>>;
}

const SCHEMAS = fileURLToPath(new URL('../../schemas', import.meta.url));
/** It has to be there, and is not asked for anything. */
const KUMA = { release: KUMA_RELEASES[0], readOnly: false, port: 0, recorded: () => ({}) };
const ORG = '/orgs/1';
const CLUSTERS_OF_A_COMMIT = 50;

/**
 * Makes a file through the emulator's own store: every document is checked against its schema and linked as any other,
 * but no request is made for it, and no event told. Agents would take hours.
 */
export async function makeFleetFile(folder: string, name: string, size: FleetSize): Promise<FleetFile> {
  const begun = performance.now();
  const file = join(folder, `${name}.sqlite`);
  const world = join(folder, `${name}.json`);
  writeFileSync(world, JSON.stringify(labelsWorld()));
  await (await startEmulator({ db: file, world, listen: false })).close();

  const engine = createEngine({ schemas: SCHEMAS, release: RELEASES[0], kuma: KUMA, db: file, warn: say });
  engine.store.started();
  const hrefs = hrefsOfLabels(engine.world);
  const clusters: string[] = [];
  const parts = partsOf(size);
  for (let more = true; more; ) {
    engine.store.transaction(() => {
      for (let count = 0; count < CLUSTERS_OF_A_COMMIT && more; count++) {
        const { value, done } = parts.next();
        if (done) more = false;
        else clusters.push(keep(engine.world, value, hrefs));
      }
    });
    if (clusters.length % 500 === 0) say(`${name}: ${whole(clusters.length)} of ${whole(size.clusters)} clusters`);
  }
  engine.store.close();
  return { file, took: performance.now() - begun, clusters, labels: hrefs };
}

function labelsWorld(): object {
  const steps = Object.entries(LABELS).flatMap(([key, values]) =>
    values.map((value) => ({ call: `POST ${ORG}/labels`, body: { key, value } })),
  );
  return { description: 'A fleet, for the benchmark.', orgs: [{ id: 1, name: 'Fleet' }], steps };
}

function hrefsOfLabels(world: World): Record<string, string> {
  const all = world.table(labels).find(ORG);
  return Object.fromEntries(all.map(({ key, value, href }) => [`${key}=${value}`, String(href)]));
}

/** Keeps a cluster as it is once its agent has reported. @returns its href */
function keep(world: World, part: FleetPart, hrefs: Readonly<Record<string, string>>): string {
  const { name, inventory, token } = part;
  const { manager_type, container_runtime, nodes, namespaces, services, pods } = inventory;
  const table = world.table(containerClusters);
  const now = world.clock.timestamp();
  const href = table.mint(ORG);
  const by = { href };
  const authorship = { created_at: now, created_by: by, updated_at: now, updated_by: by };
  const shown = { href, name, manager_type, container_runtime, nodes, network_type: 'host_switch_mode' };
  const reported = { kubelink_version: 'pce-emulator-simulate', last_connected: now, online: true };
  const facts = {
    token_sha256: digest(token),
    heartbeat_at: now,
    mode: 'legacy',
    namespaces_sha256: digest(JSON.stringify([...namespaces].sort())),
  };
  table.insert(ORG, href, { ...shown, ...reported }, facts);
  const network = createNetwork(world, ORG, name, authorship);
  table.replace(href, { ...shown, ...reported }, { ...facts, network });

  const profiles = world.table(containerWorkloadProfiles);
  const byDefault = profiles.mint(href);
  profiles.insert(href, byDefault, { href: byDefault, name: 'Default Profile', ...authorship }, { default: true });
  for (const [at, namespace] of [...namespaces].sort().entries()) {
    const options = optionsOf(part.index, at, hrefs);
    const managed = !services.some((one) => one.namespace === namespace) && at % 2 === 1;
    const profile = profiles.mint(href);
    profiles.insert(href, profile, {
      ...{ href: profile, namespace, managed, linked: true, ...authorship },
      enforcement_mode: managed ? 'visibility_only' : 'idle',
      labels: options,
      assign_labels: options.map(({ assignment }) => ({ href: assignment.href })),
    });
  }
  hear(world, href, 'service', services.map(sayingOf), virtualServices);
  hear(world, href, 'pod', pods.map(sayingOf), containerWorkloads);
  return href;
}

/** What is said, as JSON leaves it. */
function sayingOf(one: { readonly uid: string; readonly namespace: string }) {
  const { uid, namespace, ...said } = JSON.parse(JSON.stringify(one)) as typeof one & Document;
  return { uid, namespace, said };
}

/** Two or three labels, after the place of a profile in the fleet. */
function optionsOf(cluster: number, at: number, hrefs: Readonly<Record<string, string>>) {
  const chosen = (['app', 'env', 'loc'] as const).slice(0, at % 3 === 0 ? 3 : 2);
  return chosen.map((key) => {
    const value = LABELS[key][(cluster + at) % LABELS[key].length] as string;
    return { key, assignment: { href: hrefs[`${key}=${value}`] ?? '', value } };
  });
}

/** How many documents a fleet comes to. */
export const documentsOf = ({ clusters, profiles }: FleetSize): number =>
  clusters * (3 + profiles + 2 * Math.min(OBJECTS, profiles));
