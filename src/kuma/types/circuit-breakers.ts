import { under, unless } from '../causes.ts';
import type { Cause, ResourceType } from '../resource-type.ts';
import { faultsOfSelection, ONLY_SERVICE, SERVICE } from '../selectors.ts';

interface Conf {
  readonly maxEjectionPercent?: number;
  readonly detectors?: { readonly failure?: { readonly threshold?: number } };
}

/** When a place of a service is left alone for a while. */
export const circuitBreakers: ResourceType = {
  name: 'CircuitBreaker',
  collection: 'circuit-breakers',
  schema: 'kuma/circuit_breakers#item',
  feature: 'kuma_circuit_breakers',
  faults: (spec, has) => [
    ...faultsOfSelection(spec, { sources: SERVICE, destinations: ONLY_SERVICE }, has),
    ...under('conf', faultsOfConf(spec.conf ?? {})),
  ],
};

const isPercent = (field: string, value = 0) => unless(value <= 100, field, 'has to be in [0.0 - 100.0] range');

const faultsOfConf = ({ maxEjectionPercent, detectors = {} }: Conf): Cause[] => [
  ...unless(Object.keys(detectors).length > 0, '', 'must have at least one of the detectors configured'),
  ...isPercent('maxEjectionPercent', maxEjectionPercent),
  ...isPercent('detectors.failure.threshold', detectors.failure?.threshold),
];
