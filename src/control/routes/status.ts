import { emulatorRoute, type Route } from '../../contract/route.ts';
import { noSuch } from '../problems.ts';

export interface Status {
  readonly emulator_version: string;
  readonly pce_version: string;
  readonly world: string;
  /** What all chance that is not a secret comes from: the same again with `--seed`. */
  readonly seed: string;
}

/** Routes that need no token: what tells that the emulator is there, and whom to trust. */
export function statusRoutes(status: Status, ca: () => string | undefined): Route[] {
  return [
    {
      ...emulatorRoute,
      admits: ['nobody'],
      id: 'emulator.ready',
      method: 'GET',
      path: '/ready',
      summary: 'Answers once the world is made',
      replies: { 200: 'emulator/status#ready' },
      handle: () => ({ status: 200, body: { status: 'ready', ...status } }),
    },
    {
      ...emulatorRoute,
      admits: ['nobody'],
      id: 'emulator.ca',
      method: 'GET',
      path: '/ca.pem',
      summary: 'The certificate authority to trust, as PEM',
      replies: { 200: null },
      contentType: 'application/x-pem-file',
      handle() {
        const pem = ca();
        if (pem === undefined) throw noSuch('certificate: the emulator does not listen');
        return { status: 200, text: pem };
      },
    },
  ];
}
