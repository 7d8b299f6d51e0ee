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

/** What the emulator tells of its own contract. */
export function contractRoutes(derived: Derived): Route[] {
  return [
    {
      ...open,
      id: 'emulator.openapi',
      path: '/openapi.json',
      summary: 'Everything that is answered, as an OpenAPI 3.1 document',
      replies: { 200: 'emulator/contract#openapi' },
      handle: () => ({ status: 200, body: derived.openapi() }),
    },
    {
      ...open,
      id: 'emulator.matrix',
      path: '/matrix',
      summary: 'Which operations there are in which release, and how sure we are of each',
      replies: { 200: 'emulator/contract#matrix' },
      handle: () => ({ status: 200, body: derived.matrix() }),
    },
    {
      ...open,
      id: 'emulator.docs',
      path: '/docs',
      summary: 'The same for people to read, as one HTML page',
      replies: { 200: null },
      contentType: 'text/html; charset=utf-8',
      handle: () => ({ status: 200, text: derived.page() }),
    },
  ];
}
