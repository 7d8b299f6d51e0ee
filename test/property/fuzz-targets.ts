import { clockRoutes } from '../../src/control/routes/clock.ts';
import { contractRoutes } from '../../src/control/routes/contract.ts';
import { faultRoutes } from '../../src/control/routes/faults.ts';
import { requestRoutes } from '../../src/control/routes/requests.ts';
import { snapshotRoutes } from '../../src/control/routes/snapshots.ts';
import { statusRoutes } from '../../src/control/routes/status.ts';
import { worldRoutes } from '../../src/control/routes/world.ts';
import { type Release, routesOf } from '../../src/emulator.ts';
import { kumaControl } from '../../src/kuma/index.ts';
import { pceControl } from '../../src/pce/index.ts';
import type { Target } from './fuzz-requests.ts';

/** The table of the emulator's own API: to be read, never asked. */
const controlRoutes = () => {
  const nothing = {} as never;
  return [
    ...statusRoutes(nothing, () => undefined),
    ...clockRoutes(nothing, () => {}),
    ...snapshotRoutes(nothing),
    ...requestRoutes(nothing, []),
    ...faultRoutes(nothing, []),
    ...worldRoutes(nothing),
    ...contractRoutes(nothing),
    ...contractRoutes(nothing, 'kuma'),
    ...pceControl.routes,
    ...kumaControl(nothing).routes,
  ];
};

/** Every route that an emulator of a release serves. */
export function targetsOf(release: Release): Target[] {
  return [
    ...routesOf(release).map((route): Target => ({ prefix: '/api/v2', route })),
    ...controlRoutes().map((route): Target => ({ prefix: '/_emulator', route })),
  ];
}
