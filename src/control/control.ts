import type { Api } from '../contract/route.ts';
import { controlRefusals } from './problems.ts';

export interface Status {
  readonly emulator_version: string;
  readonly pce_version: string;
  readonly world: string;
}

/**
 * The emulator's own API: what a test or a person asks of the emulator, not of the PCE.
 * @param ca the certificate authority as PEM, where there is one
 * @param more what an emulated API adds
 */
export function createControl(
  status: Status,
  ca: () => string | undefined,
  more: Pick<Api, 'routes' | 'parameters'>,
): Api {
  const common = {
    admits: ['nobody'] as const,
    evidence: 'documented' as const,
    source: "the emulator's own",
  };
  return {
    name: 'emulator',
    prefix: '/_emulator',
    parameters: more.parameters,
    refusals: controlRefusals,
    routes: [
      {
        ...common,
        id: 'emulator.ready',
        method: 'GET',
        path: '/ready',
        summary: 'Answers once the world is made',
        replies: { 200: 'emulator/status#ready' },
        handle: () => ({ status: 200, body: { status: 'ready', ...status } }),
      },
      {
        ...common,
        id: 'emulator.ca',
        method: 'GET',
        path: '/ca.pem',
        summary: 'The certificate authority to trust, as PEM',
        replies: { 200: null },
        handle() {
          const pem = ca();
          if (pem === undefined)
            throw controlRefusals.notFound('the emulator does not listen, so it has no certificate');
          return { status: 200, text: pem, contentType: 'application/x-pem-file' };
        },
      },
      ...more.routes,
    ],
  };
}
