import type { Admitted } from '../../../src/contract/route.ts';
import { type Emulator, routesOf } from '../../../src/emulator.ts';
import { pce } from '../../../src/pce/index.ts';
import type { Client, Json } from '../../support/emulator.ts';

/** One line of the table of routes, as far as it says who is let in; HEAD is a line of its own. */
export interface Operation {
  readonly id: string;
  readonly api: 'pce' | 'emulator';
  readonly method: string;
  /** Below the API's prefix, parameters in braces. */
  readonly path: string;
  readonly admits: readonly Admitted[];
  /** A PCE has it, and the emulator answers that it has not. */
  readonly missing: boolean;
  /** A GET that changes something, so that there is no HEAD. */
  readonly writes: boolean;
}

export const PREFIX = { pce: '/api/v2', emulator: '/_emulator' };

/** Every line: of the PCE as the table of the release declares it, of the emulator's own API as its contract tells. */
export async function operationsOf(emulator: Emulator, nobody: Client): Promise<Operation[]> {
  const ofPce = routesOf(emulator.pce_version).map(({ id, method, path, admits, handle, writes }): Operation => {
    return { id, api: 'pce', method, path, admits, missing: handle === undefined, writes: writes === true };
  });
  const { paths } = (await nobody.get('/openapi.json')).body as { paths: Record<string, Json> };
  const own = Object.entries(paths).filter(([path]) => path.startsWith(PREFIX.emulator));
  const ofEmulator = own.flatMap(([path, ways]) =>
    Object.entries<Json>(ways).map(([method, { operationId: id, security }]): Operation => {
      const admits: Admitted[] = security.length === 0 ? ['nobody'] : ['operator'];
      const below = path.slice(PREFIX.emulator.length);
      return { id, api: 'emulator', method: method.toUpperCase(), path: below, admits, missing: false, writes: false };
    }),
  );
  const all = [...ofPce, ...ofEmulator];
  const read = all.filter(({ method, missing }) => method === 'GET' && !missing);
  return [...all, ...read.map((one) => ({ ...one, method: 'HEAD' }))];
}

/** What stands in the place of a path's parameters. */
export type Place = Readonly<Record<string, string>>;

const UUID = '8d3c4f0e-6b1a-4c55-9d21-2f8f6f6f0a11';

/** An id of the right form, of nothing that there is. */
function ofNothing(parameter: string): string {
  if (parameter === 'pversion') return 'draft';
  return parameter === 'entry_id' || pce.parameters[parameter]?.test('987654') ? '987654' : UUID;
}

/** A path of an operation at a place; what the place does not say is not there. */
export const pathAt = (path: string, place: Place): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => place[name] ?? ofNothing(name));

/**
 * The same at things that are there, as far as there are such: the longest part of the path that is the href of
 * something.
 * @param hrefs of all that is there
 */
export function pathAmong(path: string, place: Place, hrefs: readonly string[]): string {
  const segments = path.split('/');
  const form = segments.map((part) => part.replace(/^\{(\w+)\}$/, (_, name) => place[name] ?? '[^/]+'));
  for (let count = segments.length; count > 3; count--) {
    if (!segments[count - 1]?.startsWith('{')) continue;
    const wanted = new RegExp(`^${form.slice(0, count).join('/')}$`);
    const there = hrefs.find((href) => wanted.test(href));
    if (there) return pathAt([there, ...segments.slice(count)].join('/'), place);
  }
  return pathAt(path, place);
}
