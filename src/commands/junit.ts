import type { Kind, Offence, RouteUse, Watch } from './offences.ts';
import { type Element, xmlOf } from './xml.ts';

/**
 * A run as JUnit XML: a test case that passes for each route that was used, and one for each offence.
 * @param failing the kinds of offences that fail
 */
export function junitOf(watch: Watch, failing: readonly Kind[]): string {
  const routes = watch.routes();
  const offences = watch.offences();
  const fails = (offence: Offence) => failing.some((kind) => kind === offence.kind);
  const numbers = {
    tests: routes.length + offences.length,
    failures: offences.filter(fails).length,
    errors: 0,
    skipped: 0,
    time: seconds(routes.reduce((sum, { milliseconds }) => sum + milliseconds, 0)),
  };
  const suite: Element = {
    name: 'testsuite',
    attributes: { name: 'pce-emulator contract', ...numbers },
    content: [...routes.map(routeCase), ...offences.map((offence) => offenceCase(offence, fails(offence)))],
  };
  return xmlOf({ name: 'testsuites', attributes: { name: 'pce-emulator', ...numbers }, content: [suite] });
}

function routeCase({ route, requests, milliseconds }: RouteUse): Element {
  const name = `${route} (${requests} ${requests === 1 ? 'request' : 'requests'})`;
  return { name: 'testcase', attributes: { classname: 'contract.routes', name, time: seconds(milliseconds) } };
}

function offenceCase({ kind, request, reason, times }: Offence, fails: boolean): Element {
  const often = times > 1 ? `\n${times} times; the first of them is shown` : '';
  const said = kind === 'replies' ? `a bug of pce-emulator: its reply broke the contract: ${reason}` : reason;
  const text = `${request}\n${said}${often}`;
  return {
    name: 'testcase',
    attributes: { classname: `contract.${kind}`, name: `${request}: ${reason}`, time: seconds(0) },
    content: [
      fails
        ? { name: 'failure', attributes: { type: kind, message: reason }, content: text }
        : { name: 'system-out', content: text },
    ],
  };
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
