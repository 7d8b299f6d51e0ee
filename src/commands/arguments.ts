import { parseArgs } from 'node:util';
import { KUMA_RELEASES, type KumaRelease, RELEASES, type Release } from '../emulator.ts';
import { durationOf } from '../kernel/duration.ts';

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
    const ambiguous = /^Option '(?:-\w, )?--([\w-]+)[^']*' argument is ambiguous/.exec((error as Error).message)?.[1];
    throw new Misuse(
      ambiguous === undefined
        ? (error as Error).message.split(/\.\s/)[0]
        : `--${ambiguous} is given without a value; one that begins with a dash is given as --${ambiguous}=VALUE`,
    );
  }
  const empty = Object.entries<unknown>(values).find(([, value]) => [value].flat().includes(''))?.[0];
  if (empty !== undefined) throw new Misuse(`--${empty} is given without a value`);
  return values;
}

/** Finds the one argument that is no option; `-` is one. @throws Misuse for a second one */
export function separated(args: string[], options: Options, what: string): { file?: string; options: string[] } {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  const files = tokens.filter((token) => token.kind === 'positional');
  if (files.length > 1) {
    throw new Misuse(`${what} takes one file, not ${files.map(({ value }) => value).join(' and ')}`);
  }
  return { file: files[0]?.value, options: args.filter((_, index) => index !== files[0]?.index) };
}

/** The release of `--pce-version`; the oldest when it is not given. @throws Misuse */
export function releaseOf(text: string = RELEASES[0]): Release {
  if ((RELEASES as readonly string[]).includes(text)) return text as Release;
  throw new Misuse(`--pce-version takes one of ${RELEASES.join(', ')}, not ${text}`);
}

/** The release of `--kuma-version`; the emulator's choice when it is not given. @throws Misuse */
export function kumaReleaseOf(text: string | undefined): KumaRelease | undefined {
  if (text === undefined || (KUMA_RELEASES as readonly string[]).includes(text)) return text as KumaRelease | undefined;
  throw new Misuse(`--kuma-version takes one of ${KUMA_RELEASES.join(', ')}, not ${text}`);
}

/** The milliseconds of a time such as `30s`, `500ms`, `2m` or `1h`; seconds where it has no unit. @throws Misuse */
export function timeOf(text: string, option: string): number {
  const time = durationOf(text);
  if (time === undefined) throw new Misuse(`--${option} takes a time such as 30s, 500ms or 2m, not ${text}`);
  return time;
}

/** The same for a time that must not be none, and not longer than `most`. @throws Misuse */
export function someTimeOf(text: string, option: string, most: number = Number.MAX_SAFE_INTEGER): number {
  const time = timeOf(text, option);
  if (time <= 0) throw new Misuse(`--${option} takes a time of more than none`);
  if (time > most) throw new Misuse(`--${option} takes a time of ${Math.floor(most / DAY_MS)} days at the most`);
  return time;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A whole number, at the most `most`, and at least `least`. @throws Misuse */
export function wholeOf(text: string, option: string, most: number = Number.MAX_SAFE_INTEGER, least = 0): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most && number >= least) return number;
  throw new Misuse(
    most === Number.MAX_SAFE_INTEGER
      ? `--${option} takes a whole number, not ${text}`
      : `--${option} takes a number from ${least} to ${most}, not ${text}`,
  );
}

export function print(text: string): void {
  process.stdout.write(text);
}

/** Tells a person, where standard output is for programs. */
export function note(line: string): void {
  process.stderr.write(`pce-emulator: ${line}\n`);
}
