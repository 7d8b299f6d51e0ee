import { parseArgs } from 'node:util';
import { RELEASES, type Release } from '../emulator.ts';

/** A mistake on the command line. */
export class Misuse extends Error {}

/** Options by name, as `util.parseArgs` takes them. */
export type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>>;

/** What was given for each option, if anything. */
export type Values<Of extends Options> = {
  readonly [Name in keyof Of]?: Of[Name] extends { multiple: true }
    ? string[]
    : Of[Name]['type'] extends 'boolean'
      ? boolean
      : string;
};

/** Reads options. @throws Misuse for one that is not declared, or has no value */
export function read<Of extends Options>(args: string[], options: Of): Values<Of> {
  let values: Values<Of>;
  try {
    values = parseArgs({ args, options, allowPositionals: false, strict: true }).values as Values<Of>;
  } catch (error) {
    throw new Misuse((error as Error).message.split(/\.\s/)[0]);
  }
  const empty = Object.entries<unknown>(values).find(([, value]) => [value].flat().includes(''))?.[0];
  if (empty !== undefined) throw new Misuse(`--${empty} is given without a value`);
  return values;
}

/** The release of `--pce-version`; the oldest when it is not given. @throws Misuse */
export function releaseOf(text: string = RELEASES[0]): Release {
  if ((RELEASES as readonly string[]).includes(text)) return text as Release;
  throw new Misuse(`--pce-version takes one of ${RELEASES.join(', ')}, not ${text}`);
}

/** The milliseconds of a time such as `30s`, `500ms`, `2m` or `1h`; seconds where it has no unit. @throws Misuse */
export function durationOf(text: string, option: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (amount === undefined) throw new Misuse(`--${option} takes a time such as 30s, 500ms or 2m, not ${text}`);
  return Number(amount) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as 'ms' | 's' | 'm' | 'h'];
}

/** The same for a time that must not be none. @throws Misuse */
export function someTimeOf(text: string, option: string): number {
  const time = durationOf(text, option);
  if (time > 0) return time;
  throw new Misuse(`--${option} takes a time of more than none`);
}

export function print(text: string): void {
  process.stdout.write(text);
}
