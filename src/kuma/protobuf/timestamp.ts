import { momentOf, timestampOf } from '../../kernel/clock.ts';

const FORM = /^(\d{4}-\d\d-\d\dT)(\d\d?)(:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([-+])(\d\d):(\d\d))$/;

/**
 * A moment as protobuf writes it: UTC, with 0, 3, 6 or 9 decimals.
 * @param text as Go reads RFC 3339: an hour may have one digit, and a zone be further away than any is
 * @returns undefined for what is no moment of the years 0 to 9999
 */
export function canonicalTimestamp(text: string): string | undefined {
  const [, day, hour = '', rest, fraction = '', sign, hours, minutes] = FORM.exec(text) ?? [];
  if (!day) return undefined;
  const written = `${day}${hour.padStart(2, '0')}${rest}`;
  const there = momentOf(`${written}Z`);
  // What does not come back as it was is no day, such as the 30th of February, or no time of a day.
  if (Number.isNaN(there) || !timestampOf(there).startsWith(written)) return undefined;
  const ahead = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  const moment = there - (sign === '-' ? -ahead : ahead);
  const utc = timestampOf(moment);
  if (momentOf(utc) !== moment) return undefined;
  const decimals = fraction.padEnd(9, '0').replace(/(?:000){1,3}$/, '');
  return `${utc.slice(0, -'.000Z'.length)}${decimals && `.${decimals}`}Z`;
}
