import type { Document } from '../../contract/collection.ts';
import { isTooDeep } from '../../contract/json.ts';
import { emulatorRoute, NO_CONTENT, type Route } from '../../contract/route.ts';
import { type Faults, FaultTooLong, NameTaken, TooManyFaults } from '../../faults/faults.ts';
import type { FaultRule, StandingFault } from '../../faults/rule.ts';
import { controlRefusals, nameTaken, noSuch, refuseUnknownRoute, tooManyFaults } from '../problems.ts';

const AT = '/faults/{fault}';

/** The rule that a body of the right form says. @throws Problem 400 */
function ruleOf(body: Document, routeIds: readonly string[]): FaultRule {
  const rule = body as unknown as FaultRule;
  refuseUnknownRoute(rule.when?.route, routeIds);
  if (isTooDeep(rule.when?.body)) throw controlRefusals.malformedJson('What the body must contain is nested too deep');
  return rule;
}

/** @throws Problem 409 where there is no place for a rule, 400 where there never will be */
function added(add: () => StandingFault): StandingFault {
  try {
    return add();
  } catch (error) {
    if (error instanceof NameTaken) throw nameTaken(error.message);
    if (error instanceof FaultTooLong) throw controlRefusals.injected(400, 'invalid', error.message);
    throw error instanceof TooManyFaults ? tooManyFaults(error.message) : error;
  }
}

/**
 * What goes wrong, for whom, and how often.
 * @param routeIds of the routes that a rule can name
 */
export function faultRoutes(faults: Faults, routeIds: readonly string[]): Route[] {
  return [
    {
      ...emulatorRoute,
      id: 'emulator.faults.list',
      method: 'GET',
      path: '/faults',
      summary: 'The faults in force, in the order in which they are tried',
      replies: { 200: 'emulator/faults#list' },
      handle: () => ({ status: 200, body: faults.list() }),
    },
    {
      ...emulatorRoute,
      id: 'emulator.faults.add',
      method: 'POST',
      path: '/faults',
      summary: 'Have something go wrong',
      body: 'emulator/faults#rule',
      refuses: [409],
      replies: { 201: 'emulator/faults#standing' },
      handle: ({ body }) => ({ status: 201, body: added(() => faults.add(ruleOf(body, routeIds))) }),
    },
    {
      ...emulatorRoute,
      id: 'emulator.faults.get',
      method: 'GET',
      path: AT,
      summary: 'A fault, with how often it struck',
      replies: { 200: 'emulator/faults#standing' },
      handle({ params }) {
        const fault = faults.get(params.fault ?? '');
        if (!fault) throw noSuch(`fault named ${params.fault}`);
        return { status: 200, body: fault };
      },
    },
    {
      ...emulatorRoute,
      id: 'emulator.faults.put',
      method: 'PUT',
      path: AT,
      summary: 'Have something go wrong under this name, counted anew',
      body: 'emulator/faults#rule',
      refuses: [409],
      replies: { 200: 'emulator/faults#standing' },
      handle: ({ params, body }) => ({
        status: 200,
        body: added(() => faults.put(params.fault ?? '', ruleOf(body, routeIds))),
      }),
    },
    {
      ...emulatorRoute,
      id: 'emulator.faults.remove',
      method: 'DELETE',
      path: AT,
      summary: 'Let it be well again',
      replies: { 204: null },
      handle({ params }) {
        if (!faults.remove(params.fault ?? '')) throw noSuch(`fault named ${params.fault}`);
        return NO_CONTENT;
      },
    },
    {
      ...emulatorRoute,
      id: 'emulator.faults.clear',
      method: 'DELETE',
      path: '/faults',
      summary: 'Let all be well again',
      replies: { 204: null },
      handle() {
        faults.clear();
        return NO_CONTENT;
      },
    },
  ];
}
