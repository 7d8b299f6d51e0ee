import type { Document, World } from '../../contract/collection.ts';
import { externalReferenceNotUnique, invalidInput } from '../problems.ts';
import { leaveSomethingOf, type Range, rangeOf } from './addresses.ts';
import { createBuiltIn } from './built-in.ts';
import { type PolicyObject, policyCollection, selectNamed, thoseThat } from './policy-object.ts';
import { ipListNameNotUnique, referenced } from './problems.ts';

/** Addresses and names of machines that rules speak of by one name. */
export const ipLists = policyCollection({
  name: 'ip_lists',
  id: 'integer',
  uniqueName: true,
});

interface IpRange {
  readonly description?: string | null;
  readonly from_ip: string;
  readonly to_ip?: string | null;
  readonly exclusion?: boolean;
}

const rangesOf = ({ ip_ranges }: Document) => (ip_ranges ?? []) as IpRange[];

/** A range as a PCE shows it: an end that says nothing is left out (observed). */
function shown({ description, from_ip, to_ip, exclusion = false }: IpRange): IpRange {
  return {
    ...(description == null ? {} : { description }),
    from_ip,
    ...(to_ip == null || to_ip === '' ? {} : { to_ip }),
    exclusion,
  };
}

function addressesOf({ from_ip, to_ip }: IpRange): Range {
  const range = rangeOf(from_ip, to_ip ?? undefined);
  if (!range) throw invalidInput(to_ip ? `${from_ip} to ${to_ip} is no range` : `${from_ip} is no address`);
  return range;
}

/** What a body says. Exclusions must be a strict subset of the other addresses (documented). @throws Problem 406 */
function content(body: Document): Document {
  if (!body.ip_ranges) return body;
  const ip_ranges = rangesOf(body).map(shown);
  const of = (wanted: boolean) => ip_ranges.filter(({ exclusion }) => exclusion === wanted).map(addressesOf);
  const [included, excluded] = [of(false), of(true)];
  if (!leaveSomethingOf(excluded, included))
    throw invalidInput('Exclusions must be a strict subset of the other addresses');
  return { ...body, ip_ranges };
}

const within = (text: unknown, part: unknown) => String(text).toLowerCase().includes(String(part).toLowerCase());

export const ipListObjects: PolicyObject = {
  collection: ipLists,
  type: 'ip_list',
  one: 'an IP list',
  many: 'IP lists',
  builtIn: 'Any (0.0.0.0/0 and ::/0)',
  select(query, world, org) {
    const { ip_address, fqdn } = query;
    const table = world.table(ipLists);
    // As the addresses are written: "supports partial matches" (documented).
    const meets = ({ from_ip, to_ip = '' }: IpRange) => within(from_ip, ip_address) || within(to_ip, ip_address);
    const named = ({ fqdns }: Document) => (fqdns as Document[]).some((one) => within(one.fqdn, fqdn));
    return selectNamed(
      query,
      ...(ip_address === undefined ? [] : [thoseThat(table, org, (list) => rangesOf(list).some(meets))]),
      ...(fqdn === undefined ? [] : [thoseThat(table, org, named)]),
    );
  },
  content: ({ body }) => content(body),
  taken: (keys) => (keys.includes('name') ? ipListNameNotUnique() : externalReferenceNotUnique()),
  inUse: (by) => referenced('ip_list', by),
};

/** All addresses there are: each organisation has it, in force, from the first (observed; clients look for the name). */
export const createAnyIpList = (world: World, org: string): void =>
  createBuiltIn(ipListObjects, world, org, {
    ip_ranges: ['0.0.0.0/0', '::/0'].map((from_ip) => ({ from_ip, exclusion: false })),
  });
