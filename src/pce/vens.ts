import type { Collection, Document } from '../contract/collection.ts';
import { resolved } from './labels.ts';
import { modeOf } from './modes.ts';

/** The agents on hosts: one for each managed workload. It shows that workload, and the workload shows it. */
export const vens: Collection = {
  name: 'vens',
  parent: 'orgs',
  id: 'uuid',
  schema: 'pce/vens#item',
  keys: {
    name: '$.name',
    description: '$.description',
    hostname: '$.hostname',
    os_id: '$.os_id',
    status: '$.status',
    activation_type: '$.activation_type',
    active_pce_fqdn: '$.active_pce_fqdn',
    container_cluster: '$.container_cluster.href',
  },
  references: [
    {
      ...resolved,
      // A label that has got another value: it shows twice, on the VEN and on its workload.
      quote: (ven, label) => {
        const renamed = (one: Document) => (one.href === label.href ? { ...one, value: label.value } : one);
        const relabelled = (one: Document) => ({ ...one, labels: (one.labels as Document[]).map(renamed) });
        return { ...relabelled(ven), workloads: (ven.workloads as Document[]).map(relabelled) };
      },
    },
    {
      to: 'workloads',
      edges: ({ workloads }) => (workloads as { href: string }[]).map(({ href }) => ({ role: 'workload', to: href })),
      vanishes: true,
    },
  ],
};

/** What a managed workload shows under `ven`. */
export function quotedVen({ href, hostname, name, status }: Document): Document {
  return { href, hostname, ...(name === null ? {} : { name }), status };
}

/** What a VEN shows of its workload. */
export function shownOfWorkload(workload: Document): Document {
  const { href, name, hostname, labels, enforcement_mode, visibility_level, online, container_cluster } = workload;
  const mode = modeOf(enforcement_mode);
  return {
    hostname,
    labels,
    container_cluster,
    workloads: [{ href, name, hostname, labels, mode, enforcement_mode, visibility_level, online }],
  };
}
