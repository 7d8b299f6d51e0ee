import { emulatorRoute, NO_CONTENT, type Route } from '../../contract/route.ts';
import type { Snapshot } from '../../contract/snapshots.ts';
import { noSuch } from '../problems.ts';
import type { State } from '../state.ts';

const AT = '/snapshots/{snapshot}';

/** Everything that the emulator holds, kept under a name, and put back. */
export function snapshotRoutes(state: State): Route[] {
  const found = (snapshot: Snapshot | undefined, name = '') => {
    if (!snapshot) throw noSuch(`snapshot named ${name}`);
    return snapshot;
  };
  return [
    {
      ...emulatorRoute,
      id: 'emulator.snapshots.list',
      method: 'GET',
      path: '/snapshots',
      summary: 'The snapshots that there are',
      replies: { 200: 'emulator/snapshots#list' },
      handle: () => ({ status: 200, body: state.snapshots() }),
    },
    {
      ...emulatorRoute,
      id: 'emulator.snapshots.take',
      method: 'PUT',
      path: AT,
      summary: 'Keep everything as it is now: documents, ids, clock and faults',
      refuses: [409],
      replies: { 200: 'emulator/snapshots#snapshot' },
      handle: ({ params }) => ({ status: 200, body: state.take(params.snapshot ?? '') }),
    },
    {
      ...emulatorRoute,
      id: 'emulator.snapshots.restore',
      method: 'POST',
      path: `${AT}/restore`,
      summary: 'Put everything back as it was; the journal stays',
      replies: { 200: 'emulator/snapshots#snapshot' },
      handle: ({ params }) => ({ status: 200, body: found(state.restore(params.snapshot ?? ''), params.snapshot) }),
    },
    {
      ...emulatorRoute,
      id: 'emulator.snapshots.drop',
      method: 'DELETE',
      path: AT,
      summary: 'Forget a snapshot',
      refuses: [409],
      replies: { 204: null },
      handle({ params }) {
        if (!state.drop(params.snapshot ?? '')) throw noSuch(`snapshot named ${params.snapshot}`);
        return NO_CONTENT;
      },
    },
    {
      ...emulatorRoute,
      id: 'emulator.reset',
      method: 'POST',
      path: '/reset',
      summary: 'Put everything back as it was after the start, and empty the journal',
      query: 'emulator/snapshots#reset',
      refuses: [409],
      replies: { 200: 'emulator/snapshots#snapshot' },
      handle: ({ query }) => ({ status: 200, body: state.reset({ keepJournal: query.keep_journal === true }) }),
    },
  ];
}
