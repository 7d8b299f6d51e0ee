import type { Document } from '../../contract/collection.ts';
import { emulatorRoute, type Reply, type Request, type Route } from '../../contract/route.ts';
import { type AdjustableClock, momentOf } from '../../kernel/clock.ts';
import { durationOf } from '../../kernel/duration.ts';
import { noSuchMoment } from '../problems.ts';

/**
 * The emulator's time: what is a matter of time (a cluster falls silent, a job expires) follows it.
 * @param kept called after each change, in its transaction
 */
export function clockRoutes(clock: AdjustableClock, kept: () => void): Route[] {
  const told = (): Reply => ({ status: 200, body: { now: clock.timestamp(), frozen: clock.frozen } });
  const changing = (change: (body: Document) => void) => (request: Request) => {
    try {
      change(request.body);
    } catch (error) {
      throw error instanceof RangeError ? noSuchMoment(error.message) : error;
    }
    kept();
    return told();
  };
  const common = { ...emulatorRoute, replies: { 200: 'emulator/clock#clock' } };
  return [
    {
      ...common,
      id: 'emulator.clock',
      method: 'GET',
      path: '/clock',
      summary: 'What time it is, and whether the clock stands still',
      handle: told,
    },
    {
      ...common,
      id: 'emulator.clock.set',
      method: 'PUT',
      path: '/clock',
      summary: 'Set the clock, stop it, or let it go on',
      body: 'emulator/clock#set',
      handle: changing(({ now, frozen }) => {
        const moment = now === undefined ? undefined : momentOf(String(now));
        if (frozen === true) return clock.freeze(moment);
        if (frozen === false) clock.resume();
        if (moment !== undefined) clock.set(moment);
      }),
    },
    {
      ...common,
      id: 'emulator.clock.advance',
      method: 'POST',
      path: '/clock/advance',
      summary: 'Move the clock on, at once',
      body: 'emulator/clock#advance',
      handle: changing(({ by }) => clock.advance(durationOf(String(by)) ?? 0)),
    },
  ];
}
