import { under, unless } from '../causes.ts';
import type { Cause, ResourceType } from '../resource-type.ts';
import { faultsOfSelection, ONLY_SERVICE, SERVICE } from '../selectors.ts';

interface Checks {
  readonly interval?: string;
  readonly timeout?: string;
  readonly penaltyInterval?: string;
  readonly unhealthyThreshold?: number;
  readonly healthyThreshold?: number;
}

interface Conf {
  readonly activeChecks?: Checks;
  readonly passiveChecks?: Checks;
}

/** How a service finds out which places of another are well. */
export const healthChecks: ResourceType = {
  name: 'HealthCheck',
  collection: 'health-checks',
  schema: 'kuma/health_checks#item',
  faults: (spec, has) => [
    ...faultsOfSelection(spec, { sources: SERVICE, destinations: ONLY_SERVICE }, has),
    ...under('conf', faultsOfConf(spec.conf ?? {})),
  ],
};

function faultsOfConf({ activeChecks = {}, passiveChecks = {} }: Conf): Cause[] {
  const [active, passive] = [activeChecks, passiveChecks].map((checks) => Object.keys(checks).length > 0);
  return [
    ...unless(Boolean(active || passive), '', 'must have either active or passive checks configured'),
    ...(active
      ? under(
          'activeChecks',
          arePositive(activeChecks, 'interval', 'timeout', 'unhealthyThreshold', 'healthyThreshold'),
        )
      : []),
    ...(passive ? under('passiveChecks', arePositive(passiveChecks, 'unhealthyThreshold', 'penaltyInterval')) : []),
  ];
}

/** No number is negative; of the durations, nobody says that they may not be. */
const arePositive = (checks: Checks, ...fields: (keyof Checks)[]): Cause[] =>
  fields.flatMap((field) =>
    unless(Boolean(checks[field]) && checks[field] !== '0s', field, 'must have a positive value'),
  );
