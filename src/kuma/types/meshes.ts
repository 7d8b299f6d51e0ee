import { completedInKinds, faultsInKinds, faultsOfCaInKinds } from '../mesh/in-kinds.ts';
import { completedInTypes, faultsInTypes, faultsOfCasInTypes } from '../mesh/in-types.ts';
import type { ResourceType } from '../resource-type.ts';

const inTypes = 'kuma_mesh_in_types';

/** What dataplanes and policies belong to. */
export const meshes: ResourceType = {
  name: 'Mesh',
  collection: 'meshes',
  schema: 'kuma/meshes#item',
  completed: (spec, has) => (has(inTypes) ? completedInTypes : completedInKinds)(spec),
  faults: (spec, has) => (has(inTypes) ? faultsInTypes : faultsInKinds)(spec),
  faultsOfChange: (before, after, has) => (has(inTypes) ? faultsOfCasInTypes : faultsOfCaInKinds)(before, after),
};
