/** What a backend is told beside its type: free JSON, of which each type reads what it knows. */
export type Conf = Readonly<Record<string, unknown>>;

type Kind = 'string' | 'bool' | 'message';

/** Of what kind each key is that a type reads. */
export type Kinds = Readonly<Record<string, Kind>>;

const IN_GO = { string: 'string', bool: 'bool', message: 'map[string]json.RawMessage' } as const;

/** What Go calls a kind of JSON. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const isA = (kind: Kind, value: unknown) => kindOf(value) === (kind === 'message' ? 'object' : kind);

/** Why a conf cannot be read, in Go's words; undefined where it can. */
export function unreadableIn(conf: Conf, kinds: Kinds): string | undefined {
  for (const [key, kind] of Object.entries(kinds)) {
    const value = conf[key] ?? undefined;
    if (value !== undefined && !isA(kind, value))
      return `json: cannot unmarshal ${kindOf(value)} into Go value of type ${IN_GO[kind]}`;
  }
  return undefined;
}

/** What a conf says: a null says nothing. */
export const presentIn = (conf: Conf): Conf =>
  Object.fromEntries(Object.entries(conf).filter(([, value]) => value !== null));
