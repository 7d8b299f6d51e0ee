import { told, under, underEach, unless } from '../causes.ts';
import { faultOfEnvoyResource } from '../envoy-resource.ts';
import type { Cause, ResourceType } from '../resource-type.ts';
import { faultsOfSelection, SERVICE } from '../selectors.ts';

interface Conf {
  readonly imports?: readonly string[];
  readonly resources?: readonly RawResource[];
}

interface RawResource {
  readonly name?: string;
  readonly version?: string;
  readonly resource?: string;
}

const PROFILES = ['default-proxy'];

/** What proxies are told beside, or instead of, what a control plane makes up. */
export const proxytemplates: ResourceType = {
  name: 'ProxyTemplate',
  collection: 'proxytemplates',
  schema: 'kuma/proxytemplates#item',
  faults: (spec, has) => [
    ...faultsOfSelection(spec, { selectors: { ...SERVICE, mayBeEmpty: true } }, has),
    ...under('conf', faultsOfConf(spec.conf ?? {})),
  ],
};

const faultsOfConf = ({ imports, resources }: Conf): Cause[] => [
  ...underEach('imports', imports, (profile) =>
    profile === ''
      ? told('', 'cannot be empty')
      : unless(PROFILES.includes(profile), '', `profile not found. Available profiles: ${PROFILES.join(',')}`),
  ),
  ...underEach('resources', resources, ({ name = '', version = '', resource = '' }) => [
    ...unless(name !== '', 'name', 'cannot be empty'),
    ...unless(version !== '', 'version', 'cannot be empty'),
    ...under('resource', faultsOfResource(resource)),
  ]),
];

function faultsOfResource(resource: string): Cause[] {
  if (resource === '') return told('', 'cannot be empty');
  const fault = faultOfEnvoyResource(resource);
  return unless(fault === undefined, '', `native Envoy resource is not valid: ${fault}`);
}
