import { under, unless } from '../causes.ts';
import type { Cause, ResourceType } from '../resource-type.ts';
import { faultsOfSelection, HTTP } from '../selectors.ts';

interface Conf {
  readonly delay?: { readonly percentage?: number; readonly value?: string };
  readonly abort?: { readonly percentage?: number; readonly httpStatus?: number };
  readonly responseBandwidth?: { readonly percentage?: number; readonly limit?: string };
}

/** What goes wrong on purpose between services. */
export const faultInjections: ResourceType = {
  name: 'FaultInjection',
  collection: 'fault-injections',
  schema: 'kuma/fault_injections#item',
  feature: 'kuma_fault_injections',
  faults: (spec, has) => [
    ...faultsOfSelection(spec, { sources: HTTP, destinations: HTTP }, has),
    ...under('conf', faultsOfConf(spec.conf ?? {})),
  ],
};

/** The status codes that Go has a text for. */
const STATUSES: readonly (readonly [from: number, to: number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

function faultsOfConf({ delay = {}, abort = {}, responseBandwidth = {} }: Conf): Cause[] {
  const says = (fault: object) => Object.keys(fault).length > 0;
  return [
    ...unless([delay, abort, responseBandwidth].some(says), '', 'must have at least one of the faults configured'),
    ...(says(delay) ? under('delay', [...isPercentage(delay.percentage), ...isThere('value', delay.value)]) : []),
    ...(says(abort) ? under('abort', [...isPercentage(abort.percentage), ...isStatus(abort.httpStatus)]) : []),
    ...(says(responseBandwidth)
      ? under('responseBandwidth', [...isPercentage(responseBandwidth.percentage), ...isLimit(responseBandwidth.limit)])
      : []),
  ];
}

const isThere = (field: string, value: unknown): Cause[] => unless(value !== undefined, field, 'cannot be empty');

const isPercentage = (percentage?: number): Cause[] => [
  ...isThere('percentage', percentage),
  ...unless(!(Number(percentage) < 0 || Number(percentage) > 100), 'percentage', 'has to be in [0.0 - 100.0] range'),
];

const isStatus = (status?: number): Cause[] => [
  ...isThere('httpStatus', status),
  ...unless(
    status === undefined || STATUSES.some(([from, to]) => status >= from && status <= to),
    'httpStatus',
    'http status code is incorrect',
  ),
];

const isLimit = (limit?: string): Cause[] => [
  ...isThere('limit', limit),
  ...unless(limit === undefined || /[gmk]bps/.test(limit), 'limit', 'has to be in kbps/mbps/gbps units'),
];
