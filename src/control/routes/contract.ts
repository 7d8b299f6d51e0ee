import type { Matrix } from '../../contract/matrix.ts';
import type { OpenApi } from '../../contract/openapi/form.ts';
import { emulatorRoute, type Route } from '../../contract/route.ts';

/** What is derived from the table of routes. It is asked for when a request comes, so that start-up pays nothing. */
export interface Derived {
  openapi(): OpenApi;
  matrix(): Matrix;
  /** A whole HTML page. */
  page(): string;
}

const open = { ...emulatorRoute, method: 'GET' as const, admits: ['nobody'] as const };

/**
 * What the emulator tells of the contract of a control plane, and of its own.
 * @param of the one that has not the first place: `kuma`
 */
export function contractRoutes(derived: Derived, of?: string): Route[] {
  const [id, path] = of === undefined ? ['emulator', ''] : [`emulator.${of}`, `/${of}`];
  return [
    {
      ...open,
      id: `${id}.openapi`,
      path: `${path}/openapi.json`,
      summary: 'Everything that is answered, as an OpenAPI 3.1 document',
      replies: { 200: 'emulator/contract#openapi' },
      handle: () => ({ status: 200, body: derived.openapi() }),
    },
    {
      ...open,
      id: `${id}.matrix`,
      path: `${path}/matrix`,
      summary: 'Which operations there are in which release, and how sure we are of each',
      replies: { 200: 'emulator/contract#matrix' },
      handle: () => ({ status: 200, body: derived.matrix() }),
    },
    {
      ...open,
      id: `${id}.docs`,
      path: `${path}/docs`,
      summary: 'The same for people to read, as one HTML page',
      replies: { 200: null },
      contentType: 'text/html; charset=utf-8',
      handle: () => ({ status: 200, text: derived.page() }),
    },
  ];
}
