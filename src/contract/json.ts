import { UnusableOption } from './unusable.ts';

/** How deep JSON may be nested, at the most, for anybody to look into it: all that does takes stack for each level. */
export const DEEPEST = 200;

/** What a text says as JSON; undefined where it is none, or is nested too deep. */
export function jsonIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** A value as JSON; empty for undefined and what else JSON leaves out. @throws UnusableOption for what it cannot tell */
export function jsonTextOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    throw new UnusableOption(`what is given cannot be told as JSON: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** Whether a JSON value is nested deeper than anybody should look into. */
export function isTooDeep(value: unknown, left: number = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((one) => isTooDeep(one, left - 1));
}
