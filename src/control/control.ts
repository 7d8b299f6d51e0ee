import type { Api, Caller, Route } from '../contract/route.ts';
import { digest, sameDigest } from '../kernel/secrets.ts';
import { controlRefusals } from './problems.ts';

export const OPERATOR: Caller = { kind: 'operator', href: '/operator', org: '' };

/**
 * The emulator's own API: what a test or a person asks of the emulator, not of the PCE.
 * @param parameters the form of the parameters of paths
 * @param token what lets an operator in, as `Authorization: Bearer <token>`; without one, everybody is an operator
 */
export function createControl(routes: readonly Route[], parameters: Api['parameters'], token?: string): Api {
  const expected = token === undefined ? undefined : digest(token);
  return {
    name: 'emulator',
    prefix: '/_emulator',
    parameters: { entry_id: /^[1-9][0-9]{0,14}$/, snapshot: NAME, fault: NAME, ...parameters },
    refusals: controlRefusals,
    problem: 'emulator/status#problem',
    emulated: false,
    secrets: [],
    routes,
    ...(expected !== undefined && {
      identify: (credentials) =>
        credentials.scheme === 'bearer' && sameDigest(digest(credentials.token), expected) ? OPERATOR : undefined,
    }),
  };
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
