import { routesOf } from '../emulator.ts';
import { print, read, releaseOf } from './arguments.ts';

const ROUTES = { 'pce-version': { type: 'string' }, json: { type: 'boolean' } } as const;

/** `pce-emulator routes`: what is answered, and how sure we are of it. */
export function routes(args: string[]): void {
  const { json, 'pce-version': version } = read(args, ROUTES);
  const listed = routesOf(releaseOf(version)).map(({ method, path, id, evidence, source, summary, handle }) => {
    return { method, path: `/api/v2${path}`, id, evidence: handle ? evidence : 'not implemented', source, summary };
  });
  print(
    json
      ? `${JSON.stringify(listed, null, 2)}\n`
      : listed
          .map((one) => `${one.method.padEnd(7)}${one.path}\n       ${one.id}, ${one.evidence}: ${one.summary}\n`)
          .join(''),
  );
}
