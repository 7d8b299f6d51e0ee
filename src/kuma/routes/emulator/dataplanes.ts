import type { Document, World } from '../../../contract/collection.ts';
import { Problem } from '../../../contract/problem.ts';
import { emulatorRoute, type Request, type Route } from '../../../contract/route.ts';
import { canonicalTimestamp } from '../../protobuf/timestamp.ts';
import { kumaResources, meshAt, presented, put, resourceAt, specOf } from '../../resources.ts';
import { dataplaneInsights } from '../../types/dataplane-insights.ts';
import { dataplanes } from '../../types/dataplanes.ts';

const DATAPLANE = '/meshes/{mesh}/dataplanes/{name}';

/** The discovery services, in the order in which an Envoy asks them first. */
const SERVICES = ['cds', 'eds', 'lds', 'rds'] as const;

/** Who all dataplanes are connected to (ours): the one instance of the control plane. */
const INSTANCE = '00000000-0000-4000-8000-000000005678';

/** So many subscriptions are kept, where not all are. */
const KEPT = 10;

/** Connected: from when, and until when. */
interface Subscription {
  readonly id: string;
  readonly controlPlaneInstanceId: string;
  readonly connectTime: string;
  readonly disconnectTime?: string;
  /** Absent, as anything may be, where somebody has put the insight. */
  readonly status?: Status;
}

interface Status {
  readonly lastUpdateTime?: string;
  readonly total?: Counts;
  readonly [service: string]: Counts | string | undefined;
}

interface Counts {
  readonly responsesSent?: string;
  readonly responsesAcknowledged?: string;
  readonly responsesRejected?: string;
}

/**
 * The life of a dataplane, as its Envoy would lead it on the xDS port: what it leaves is the insight that anybody may read.
 * @param world of the emulated Kuma
 */
export function dataplaneLifeRoutes(world: World): Route[] {
  const step = (
    name: string,
    summary: string,
    next: (before: readonly Subscription[], request: Request) => Subscription[],
    more: Partial<Route> = {},
  ): Route => ({
    ...emulatorRoute,
    id: `emulator.kuma.dataplanes.${name}`,
    method: 'POST',
    path: `${DATAPLANE}/${name}`,
    summary,
    body: `emulator/kuma_dataplanes#${name}`,
    bodyIsOptional: true,
    replies: { 200: 'kuma/dataplane_insights#item' },
    refuses: [404, 409],
    ...more,
    handle(request) {
      const href = insightOf(request, world);
      const before = world.table(kumaResources).get(href);
      const spec = before ? specOf(before) : {};
      const subscriptions = next((spec.subscriptions ?? []) as Subscription[], request);
      const { mesh, name: dataplane = '' } = request.params;
      const kept = world.has('kuma_ten_subscriptions') ? subscriptions.slice(-KEPT) : subscriptions;
      put(world, href, { type: dataplaneInsights.name, mesh, name: dataplane }, { subscriptions: kept, ...rest(spec) });
      return { status: 200, body: shown(world, href) };
    },
  });
  return [
    step('connect', 'Have the Envoy of a dataplane connect to the control plane', (before) => [
      ...before,
      {
        id: world.ids.uuid(),
        controlPlaneInstanceId: INSTANCE,
        connectTime: timestamp(world),
        status: { total: {}, cds: {}, eds: {}, lds: {}, rds: {} },
      },
    ]),
    step('acknowledge', 'Have it be sent configuration, and acknowledge or reject it', (before, { body }) => {
      const { service, rejected = false, times = 1 } = (body ?? {}) as Acknowledgement;
      const services: readonly string[] = service === undefined ? SERVICES : [service];
      const [one, at] = online(before);
      const told = services.reduce((status, each) => answered(status, each, rejected, times), one.status ?? {});
      return before.with(at, { ...one, status: { ...told, lastUpdateTime: timestamp(world) } });
    }),
    step('disconnect', 'Have it leave', (before) => {
      const [one, at] = online(before);
      return before.with(at, { ...one, disconnectTime: timestamp(world) });
    }),
  ];
}

interface Acknowledgement {
  readonly service?: (typeof SERVICES)[number];
  readonly rejected?: boolean;
  readonly times?: number;
}

/** The insight of the dataplane that a request names. @throws Problem 404 where there is no such dataplane */
function insightOf({ params: { mesh = '', name = '' } }: Request, world: World): string {
  const href = `${meshAt(mesh)}/${dataplanes.collection}/${name}`;
  if (!world.table(kumaResources).has(href)) throw refusal(404, 'not_found', `There is no ${href}`);
  return `${meshAt(mesh)}/${dataplaneInsights.collection}/${name}`;
}

/** The last subscription that is still there, and its place. @throws Problem 409 where there is none */
function online(subscriptions: readonly Subscription[]): [Subscription, number] {
  const at = subscriptions.findLastIndex(({ disconnectTime }) => disconnectTime === undefined);
  const one = subscriptions[at];
  if (!one) throw refusal(409, 'not_connected', 'This dataplane is not connected; POST …/connect first');
  return [one, at];
}

function answered(status: Status, service: string, rejected: boolean, times: number): Status {
  const count = (counts: Counts = {}): Counts => ({
    ...counts,
    responsesSent: more(counts.responsesSent, times),
    ...(rejected
      ? { responsesRejected: more(counts.responsesRejected, times) }
      : { responsesAcknowledged: more(counts.responsesAcknowledged, times) }),
  });
  return { ...status, total: count(status.total), [service]: count(status[service] as Counts | undefined) };
}

/** Counters are 64 bits wide, and texts in JSON. */
const more = (counter: string | undefined, by: number): string =>
  String(BigInt.asUintN(64, BigInt(counter ?? 0) + BigInt(by)));

function shown(world: World, href: string): Document {
  const kept = resourceAt(world, href);
  if (!kept) throw new Error(`${href} was not kept`);
  return presented(world, kept);
}

const rest = ({ subscriptions: _subscriptions, ...others }: Document): Document => others;

const timestamp = ({ clock }: World): string => String(canonicalTimestamp(clock.timestamp()));

const refusal = (status: number, token: string, message: string) => new Problem(status, message, { token, message });
