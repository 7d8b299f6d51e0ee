/** IPv4 and IPv6 addresses as numbers on one line, IPv6 beyond all of IPv4: ranges of both compare without a word. */

export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

interface Address {
  readonly at: bigint;
  readonly bits: 32 | 128;
}

const IPV6_STARTS = 1n << 33n;

function ipv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** The last two of the 16-bit groups may be written as an IPv4 address. */
function inGroups(text: string): string {
  const end = text.slice(text.lastIndexOf(':') + 1);
  const value = ipv4(end);
  if (value === undefined) return text;
  return `${text.slice(0, text.length - end.length)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function ipv6(text: string): bigint | undefined {
  const sides = inGroups(text).split('::');
  const [left = [], right = []] = sides.map((side) => (side === '' ? [] : side.split(':')));
  const missing = 8 - left.length - right.length;
  if (sides.length > 2 || (sides.length === 1 ? missing !== 0 : missing < 1)) return;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function addressOf(text: string): Address | undefined {
  const four = ipv4(text);
  if (four !== undefined) return { at: four, bits: 32 };
  const six = ipv6(text);
  return six === undefined ? undefined : { at: IPV6_STARTS + six, bits: 128 };
}

/** The addresses of a block such as `10.0.0.0/8`; bits beyond its mask do not matter. */
function blockOf(text: string): Range | undefined {
  const [start = '', mask = '', more] = text.split('/');
  const address = addressOf(start);
  if (!address || more !== undefined || !/^(0|[1-9]\d{0,2})$/.test(mask) || Number(mask) > address.bits) return;
  const size = 1n << BigInt(address.bits - Number(mask));
  const base = address.bits === 32 ? 0n : IPV6_STARTS;
  const first = base + ((address.at - base) / size) * size;
  return { first, last: first + size - 1n };
}

/**
 * The addresses from one to another, or of one address or block alone.
 * @returns undefined where the texts say none: no address, two versions, or the last before the first
 */
export function rangeOf(from: string, to?: string): Range | undefined {
  if (from.includes('/')) return to === undefined ? blockOf(from) : undefined;
  const [first, last] = [addressOf(from), addressOf(to ?? from)];
  if (!first || !last || first.bits !== last.bits || last.at < first.at) return;
  return { first: first.at, last: last.at };
}

const inOrder = (ranges: readonly Range[]) =>
  [...ranges].sort((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));

/** The same addresses in as few ranges as can be, in order. */
function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of inOrder(ranges)) {
    const before = result.at(-1);
    if (!before || before.last + 1n < range.first) result.push(range);
    else if (before.last < range.last) result[result.length - 1] = { first: before.first, last: range.last };
  }
  return result;
}

/** Whether each of some ranges lies within the others, and leaves something of where it lies. */
export function leaveSomethingOf(excluded: readonly Range[], included: readonly Range[]): boolean {
  const wholes = joined(included);
  let next = 0;
  return inOrder(excluded).every(({ first, last }) => {
    while (next < wholes.length && (wholes[next] as Range).last < first) next += 1;
    const whole = wholes[next];
    if (!whole || first < whole.first || whole.last < last) return false;
    return whole.first < first || last < whole.last;
  });
}
