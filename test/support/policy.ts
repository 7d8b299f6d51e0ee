import type { Client, Json } from './emulator.ts';

/** What tests of policy say again and again. */

export const POLICY = '/orgs/1/sec_policy';
export const draftsOf = (kind: string) => `${POLICY}/draft/${kind}`;

/** What each organisation has from the first. */
export const ANY = { href: `${draftsOf('ip_lists')}/1` };
export const ALL_SERVICES = { href: `${draftsOf('services')}/1` };

/** The version in force of a draft's href. */
export const activeOf = (href: string) => href.replace('/draft/', '/active/');

/** A body for a rule from all workloads to all workloads, for one port. */
export const ruleBody = (more: Json = {}): Json => ({
  enabled: true,
  providers: [{ actors: 'ams' }],
  consumers: [{ actors: 'ams' }],
  ingress_services: [{ port: 443, proto: 6 }],
  resolve_labels_as: { providers: ['workloads'], consumers: ['workloads'] },
  ...more,
});

/** Makes a draft. @throws Error when it is refused */
export async function made(pce: Client, kind: string, body: Json): Promise<Json> {
  const answer = await pce.post(draftsOf(kind), body);
  if (answer.status !== 201) throw new Error(`${kind}: ${answer.text}`);
  return answer.body;
}

/** Brings drafts into force: these, or all. @returns the version of the policy */
export async function provisioned(pce: Client, ...drafts: Json[]): Promise<Json> {
  const change_subset: Record<string, Json[]> = {};
  for (const { href } of drafts) {
    const kind = href.split('/').at(-2);
    change_subset[kind] = [...(change_subset[kind] ?? []), { href }];
  }
  const answer = await pce.post(POLICY, drafts.length > 0 ? { change_subset } : {});
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}
