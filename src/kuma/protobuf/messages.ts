import { referred, type Schemas } from '../../contract/schemas.ts';
import type { Spec } from '../resource-type.ts';
import { isList, isObject, type JsonObject, type JsonValue } from './json-text.ts';
import { META } from './meta.ts';
import { NotAMessage } from './not-a-message.ts';
import { KINDS, type Kind, MAP } from './scalars.ts';

/** Reads protobuf messages from JSON, as `jsonpb` of golang/protobuf 1.3.2 does for Kuma, by their schemas. */
export interface Messages {
  /**
   * A message as it is shown: its fields in the order of the schema, none that is zero, none that is unknown.
   * @param reference of a message, or of a resource (`kuma/dataplanes#item`), which has its meta beside it
   * @param value null is a message without anything
   * @throws NotAMessage
   */
  read(reference: string, value: JsonValue): Spec;
}

type Schema = Readonly<Record<string, unknown>>;

interface Field {
  readonly name: string;
  /** Its name in the original's `.proto`, which counts where the other is not there. */
  readonly original: string;
  readonly kind: Kind;
}

interface Message {
  readonly fields: readonly Field[];
  /** Those of which one alone can be set. */
  readonly oneof: readonly string[];
}

/** What Go calls the place of a oneof, in all messages of Kuma. It cannot be read, and is not passed over either. */
const PLACE_OF_ONEOF = 'type';

export function createMessages(schemas: Pick<Schemas, 'definition'>): Messages {
  const kinds = new Map<string, Kind>();

  const kindNamed = (reference: string): Kind => {
    let known = kinds.get(reference);
    if (!known) {
      const [file = '', name] = reference.split('#');
      known = kindOf(schemas.definition(reference), file, name === 'item' ? META : []);
      kinds.set(reference, known);
    }
    return known;
  };

  const kindOf = (schema: Schema, file: string, beside: readonly string[] = []): Kind => {
    if (typeof schema.$ref === 'string') return kindNamed(referred(schema.$ref, file));
    const known = KINDS[String(schema['x-proto'])];
    if (known) return known;
    if (schema.items) return listOf(kindOf(schema.items as Schema, file));
    if (schema.properties) return messageOf(schema, file, beside);
    if (schema.additionalProperties) return MAP;
    throw new Error(`${file} does not say how protobuf reads ${JSON.stringify(schema)}`);
  };

  const messageOf = (schema: Schema, file: string, beside: readonly string[]): Kind => {
    const properties = schema.properties as Readonly<Record<string, Schema>>;
    const { keys } = (schema['x-order'] ?? { keys: Object.keys(properties) }) as { readonly keys: readonly string[] };
    const names = keys.filter((name) => !beside.includes(name));
    const fields = names.map((name) => {
      const property = properties[name] ?? {};
      return { name, original: String(property['x-proto-name'] ?? name), kind: kindOf(property, file) };
    });
    // Another release may have others of them.
    const oneof = ((schema['x-oneof'] ?? []) as readonly string[]).filter((name) => names.includes(name));
    return { read: (value) => readMessage({ fields, oneof }, value), empty: () => ({}) };
  };

  return {
    read(reference, value) {
      const { read, empty } = kindNamed(reference);
      return (value === null ? empty() : read(value)) as Spec;
    },
  };
}

const listOf = ({ read, empty }: Kind): Kind => ({
  read(value) {
    if (!isList(value)) throw new NotAMessage('is no list');
    // Ours: the original has a null among its messages then, and ends the connection once it looks into it.
    return value.map((one, index) => (one === null ? empty() : at(`[${index}]`, () => read(one))));
  },
  empty: () => [],
});

function readMessage({ fields, oneof }: Message, value: JsonValue): Spec {
  if (!isObject(value)) throw new NotAMessage('is no object');
  if (oneof.length > 0 && fieldOf(value, PLACE_OF_ONEOF) !== null) {
    throw new NotAMessage('cannot be read', PLACE_OF_ONEOF);
  }
  const chosen = oneof.findLast((name) => Object.hasOwn(value, name));
  const message: Spec = {};
  for (const { name, original, kind } of fields) {
    const given = fieldOf(value, Object.hasOwn(value, name) ? name : original);
    // Whoever names one of a oneof chooses it, and be it with null.
    const read = given === null ? name === chosen && kind.empty() : at(name, () => kind.read(given));
    const isShown = oneof.includes(name) ? name === chosen : given !== null && read !== kind.zero;
    if (isShown) message[name] = read;
  }
  return message;
}

const fieldOf = (object: JsonObject, key: string): JsonValue =>
  Object.hasOwn(object, key) ? (object[key] ?? null) : null;

/** Has a refusal say where it is. */
function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof NotAMessage ? error.within(place) : error;
  }
}
