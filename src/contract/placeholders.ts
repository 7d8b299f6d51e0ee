/**
 * Transcripts are told before the ids, times and secrets in them are known: `<uuid>` stands for any text of its
 * kind, with a name before it, `<label:integer>`, for one that is kept, and `{{label}}` for what was kept.
 */

/** What a kind of text looks like, and one such text: the `nth`, where it matters that two differ. */
interface Kind {
  readonly pattern: string;
  sample(nth: number): string;
}

const hex = (nth: number, digits: number) => nth.toString(16).padStart(digits, '0');

const KINDS: Readonly<Record<string, Kind>> = {
  uuid: {
    pattern: '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
    sample: (nth) => `6b1f0c52-3d4e-4a7b-9c80-${hex(nth, 12)}`,
  },
  integer: { pattern: '[1-9][0-9]*', sample: (nth) => String(nth) },
  token: { pattern: '[0-9]+_[0-9a-f]{64}', sample: (nth) => `1_${hex(nth, 64)}` },
  digest: { pattern: '[0-9a-f]{64}', sample: (nth) => hex(nth, 64) },
  pem: {
    pattern: '-----BEGIN PUBLIC KEY-----\\n[A-Za-z0-9+/=\\n]+\\n-----END PUBLIC KEY-----\\n',
    sample: () => '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n',
  },
  password: { pattern: '[0-9a-f]{64}', sample: (nth) => hex(nth, 64) },
  start_time: { pattern: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC', sample: () => '2022-06-01 12:00:00 UTC' },
  login_token: { pattern: '[0-9a-f]{41}', sample: (nth) => hex(nth, 41) },
  api_key_id: { pattern: '[0-9a-f]{17}', sample: (nth) => hex(nth, 17) },
  address: { pattern: '[0-9a-f.:]+', sample: () => '192.0.2.1' },
  activation_code: { pattern: '1[0-9a-f]{80}', sample: (nth) => `1${hex(nth, 80)}` },
  time: { pattern: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z', sample: () => '2022-06-01T12:00:00.000Z' },
  job_time: {
    pattern: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}',
    sample: () => '2022-06-01 12:00:00.000000',
  },
};

const PLACEHOLDER = /<(?:(\w+):)?(\w+)>/g;
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Puts kept texts in for `{{name}}`; what was not kept stays. */
export const fill = (text: string, kept: ReadonlyMap<string, string>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => kept.get(name) ?? whole);

/**
 * What a text with placeholders stands for: a pattern of the whole, and for each of its groups the name by which
 * it is kept, if any. Text in `<>` that is no kind stands for itself.
 */
export function patternOf(text: string): { pattern: RegExp; names: (string | undefined)[] } {
  const names: (string | undefined)[] = [];
  let pattern = '';
  let end = 0;
  for (const found of text.matchAll(PLACEHOLDER)) {
    const [whole, name, kind = ''] = found;
    const known = KINDS[kind];
    if (!known) continue;
    pattern += `${literal(text.slice(end, found.index))}(${known.pattern})`;
    end = found.index + whole.length;
    names.push(name);
  }
  return { pattern: new RegExp(`^${pattern}${literal(text.slice(end))}$`), names };
}

/**
 * Puts a sample in for every placeholder of a text, another one each time, and keeps those with a name.
 * @param kept what earlier texts of the same transcript have kept, with or without a name
 */
export function withSamples(text: string, kept: Map<string, string>): string {
  return fill(text, kept).replace(PLACEHOLDER, (whole, name: string | undefined, kind: string) => {
    const nth = kept.size + 1;
    const sample = KINDS[kind]?.sample(nth);
    if (sample !== undefined) kept.set(name ?? `unnamed ${nth}`, sample);
    return sample ?? whole;
  });
}
