import type { Has } from '../../contract/cut.ts';
import { isObject, type JsonValue } from './json-text.ts';
import { NotAMessage } from './not-a-message.ts';
import { canonicalTimestamp } from './timestamp.ts';

/** What a body says of itself, beside its message. Empty where it says nothing. */
export interface Meta {
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
}

/** What a resource has beside its message. */
export const META: readonly string[] = ['type', 'mesh', 'name', 'creationTime', 'modificationTime'];

/**
 * Reads it as Go's `encoding/json` does, which does not care for case: of keys that are the same to it, the last counts.
 * @throws NotAMessage for values that are no strings, and times that are none where the release knows of them
 */
export function readMeta(value: JsonValue, has: Has): Meta {
  if (value !== null && !isObject(value)) throw new NotAMessage('is no object');
  const given = Object.entries(value ?? {});
  const textsOf = (name: string): string[] => {
    const isSame = new RegExp(`^${name}$`, 'iu');
    // A null leaves what was there before it.
    const there = given.filter(([key, one]) => one !== null && isSame.test(key)).map(([, one]) => one);
    return there.map((one) => {
      if (typeof one !== 'string') throw new NotAMessage('is no string', name);
      return one;
    });
  };
  const textOf = (name: string): string => textsOf(name).at(-1) ?? '';
  const meta = { type: textOf('type'), mesh: textOf('mesh'), name: textOf('name') };
  for (const name of has('kuma_times') ? ['creationTime', 'modificationTime'] : []) {
    const isTime = textsOf(name).every((text) => canonicalTimestamp(text) !== undefined);
    if (!isTime) throw new NotAMessage('is no timestamp', name);
  }
  return meta;
}
