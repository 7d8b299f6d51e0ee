import { kumaRoutesOf, routesOf } from '../emulator.ts';
import { kumaReleaseOf, Misuse, print, read, releaseOf } from './arguments.ts';

const ROUTES = {
  'pce-version': { type: 'string' },
  'kuma-version': { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** `pce-emulator routes`: what is answered, and how sure we are of it. */
export function routes(args: string[]): void {
  const { json, 'pce-version': version, 'kuma-version': kumaVersion } = read(args, ROUTES);
  const kuma = kumaReleaseOf(kumaVersion);
  if (kuma && version !== undefined) throw new Misuse('--pce-version and --kuma-version list one or the other');
  const [prefix, routes] = kuma ? ['', kumaRoutesOf(kuma)] : ['/api/v2', routesOf(releaseOf(version))];
  const listed = routes.map(({ method, path, id, evidence, source, summary, handle }) => {
    return { method, path: prefix + path, id, evidence: handle ? evidence : 'not implemented', source, summary };
  });
  print(
    json
      ? `${JSON.stringify(listed, null, 2)}\n`
      : listed
          .map((one) => `${one.method.padEnd(7)}${one.path}\n       ${one.id}, ${one.evidence}: ${one.summary}\n`)
          .join(''),
  );
}
