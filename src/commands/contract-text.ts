import type { Kind, Offence, Watch } from './offences.ts';

/** How many offences are listed before the rest is only counted. */
const MOST_LINES = 50;

/** What of a run a person should know: the offences one by one, and a line that sums it up. */
export function contractText(watch: Watch, failing: readonly Kind[]): string[] {
  const offences = watch.offences();
  const own = offences.filter(({ kind }) => kind === 'replies');
  const theirs = offences.filter(({ kind }) => kind !== 'replies');
  return [
    ...(theirs.length > 0 ? ['what was asked for goes against the contract:', ...listed(theirs, failing)] : []),
    ...(own.length > 0 ? ['a bug of pce-emulator, please report it; its own replies broke the contract:'] : []),
    ...listed(own, []),
    summary(watch, theirs),
  ];
}

function listed(offences: readonly Offence[], failing: readonly string[]): string[] {
  const lines = offences.slice(0, MOST_LINES).map(({ kind, request, reason, times }) => {
    const allowed = kind === 'replies' || failing.includes(kind) ? '' : ' (allowed)';
    return `  ${kind}${allowed}: ${request}${times > 1 ? ` (${times} times)` : ''}: ${reason}`;
  });
  const more = offences.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}

/** `123 requests, 14 routes, no violations` */
function summary(watch: Watch, offences: readonly Offence[]): string {
  const requests = watch.requests();
  if (requests === 0) return 'no requests; was the command told to go to PCE_URL, and to trust PCE_CA_FILE?';
  const found = WORDS.flatMap(([kind, one, many]) => {
    const number = offences.filter((offence) => offence.kind === kind).length;
    return number > 0 ? [counted(number, one, many)] : [];
  });
  return [
    counted(requests, 'request', 'requests'),
    counted(watch.routes().length, 'route', 'routes'),
    ...(found.length > 0 ? found : ['no violations']),
  ].join(', ');
}

const WORDS: readonly (readonly [Kind, string, string])[] = [
  ['violations', 'violation', 'violations'],
  ['unknown-routes', 'unknown route', 'unknown routes'],
  ['unimplemented', 'unimplemented route', 'unimplemented routes'],
];

const counted = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
