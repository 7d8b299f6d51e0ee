import type { Cause, ResourceType, Spec } from '../../../src/kuma/resource-type.ts';
import { hasKumaFeature, type KumaRelease } from '../../../src/kuma/versions.ts';

/** Causes as lines, so that a test reads as the original's answer does: `networking.address: has to …`. */
const lines = (causes: readonly Cause[] = []) => causes.map(({ field, message }) => `${field}: ${message}`);

/** What is wrong with a spec in a release; in 0.4.0 where none is told. */
export const faultsOf = (type: ResourceType, spec: Spec, release: KumaRelease = '0.4.0'): string[] =>
  lines(type.faults?.(spec, hasKumaFeature(release)));

/** What is wrong with a spec that is new, or follows on another. */
export const faultsOfChange = (type: ResourceType, before: Spec | undefined, after: Spec, release: KumaRelease) =>
  lines(type.faultsOfChange?.(before, after, hasKumaFeature(release)));

/** What a release makes of a spec. */
export const completed = (type: ResourceType, spec: Spec, release: KumaRelease) =>
  type.completed?.(spec, hasKumaFeature(release)) ?? spec;
