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

/** Whether a JSON value is nested deeper than anybody should look into. */
export function isTooDeep(value: unknown, left: number = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((one) => isTooDeep(one, left - 1));
}
