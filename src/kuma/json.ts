import type { Has } from '../contract/cut.ts';

/**
 * Writes JSON as Go's encoder does for Kuma: indented by one space. In 0.4 everything has `<`, `>` and `&` escaped; in 0.5
 * resources alone, and a new line is at the end.
 * @param body an object; a text goes out as it is
 */
export function writeJson(body: unknown, has: Has): string {
  if (typeof body === 'string') return body;
  if (!has('kuma_final_newline')) return forHtml(indented(body));
  return `${isError(body) ? indented(body) : withNext(body)}\n`;
}

const isError = (body: unknown): boolean => typeof body === 'object' && body !== null && 'title' in body;

/** Where the next page is, the last of a list, is none of the resources. */
function withNext(body: unknown): string {
  const { next } = body as { readonly next?: string | null };
  if (typeof next !== 'string') return forHtml(indented(body));
  const whole = forHtml(indented({ ...(body as object), next: null }));
  return `${whole.slice(0, whole.lastIndexOf('null'))}${JSON.stringify(next)}\n}`;
}

/** Go has no short forms for backspace and form feed, and escapes the line separators of JavaScript. */
function indented(body: unknown): string {
  return JSON.stringify(body, null, 1)
    .replace(/\\./g, (short) => (short === '\\b' ? '\\u0008' : short === '\\f' ? '\\u000c' : short))
    .replace(/[\u2028\u2029]/g, escaped);
}

/** These characters stand in strings alone. */
const forHtml = (json: string): string => json.replace(/[<>&]/g, escaped);

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
