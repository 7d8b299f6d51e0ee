import type { Document } from '../../contract/collection.ts';
import { type Evidence, NO_CONTENT, type Route } from '../../contract/route.ts';
import { parentOf } from '../collections.ts';
import { recordEvent } from '../events.ts';
import { featuresOf, switchFeature, takesKey } from '../optional-features.ts';
import { featureNeedsKey } from '../problems.ts';

const common = {
  admits: ['user'] as const,
  path: '/orgs/{org_id}/optional_features',
  evidence: 'documented' as Evidence,
  source: 'Core REST API guide 25.2, Optional Features; API schemas 25.2.20',
};

const named = (features: readonly Document[]): Document =>
  Object.fromEntries(features.map(({ name, enabled }) => [name, enabled]));

export const optionalFeatureRoutes: Route[] = [
  {
    ...common,
    id: 'optional_features.list',
    method: 'GET',
    summary: 'List the optional features, with which of them are enabled',
    replies: { 200: 'pce/optional_features#list' },
    handle: (request, world) => ({ status: 200, body: featuresOf(world, parentOf(request.path)) }),
  },
  {
    ...common,
    id: 'optional_features.update',
    method: 'PUT',
    summary: 'Enable or disable optional features; those that are left out stay',
    body: 'pce/optional_features#update',
    secrets: ['key'],
    replies: { 204: null },
    handle(request, world) {
      const org = parentOf(request.path);
      const before = named(featuresOf(world, org));
      for (const { name, enabled, key } of request.body as unknown as Document[]) {
        // What is in a key only Illumio can check: any is taken (ours).
        if (enabled && takesKey(name) && key === undefined) throw featureNeedsKey(String(name));
        switchFeature(world, org, name, enabled);
      }
      const change = { type: 'optional_features', before, after: named(featuresOf(world, org)) };
      recordEvent(request, world, org, { event_type: 'optional_features.update', changes: [change] });
      return NO_CONTENT;
    },
  },
];
