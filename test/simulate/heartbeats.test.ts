import { heartbeats } from '../../src/simulate/heartbeats.ts';
import { createProgress } from '../../src/simulate/progress.ts';
import { createRealTime } from '../../src/simulate/real-time.ts';
import { createFakeTime } from './fake-pce.ts';

describe('heartbeats', () => {
  const never = new AbortController().signal;

  it('beat for each cluster once in a period, spread over it', async () => {
    const time = createFakeTime();
    const beats: string[] = [];
    await heartbeats(['a', 'b'], { every: 1000, until: 3100, parallel: 1 }, time, never, async (member) => {
      beats.push(`${member} ${time.now()}`);
      return true;
    });
    expect(beats).toEqual(['a 1000', 'b 1500', 'a 2000', 'b 2500', 'a 3000']);
    expect(time.now()).toBe(3100);
  });

  it('go on without a cluster that is out, and end when all are', async () => {
    const time = createFakeTime();
    const beats: string[] = [];
    await heartbeats(['a', 'b'], { every: 1000, parallel: 1 }, time, never, async (member) => {
      beats.push(member);
      return member === 'b' && beats.length < 4;
    });
    expect(beats).toEqual(['a', 'b', 'b', 'b']);
  });

  it('stop when they are told to', async () => {
    const stop = new AbortController();
    let beats = 0;
    await heartbeats(['a'], { every: 1000, parallel: 1 }, createFakeTime(), stop.signal, async () => {
      if (++beats === 3) stop.abort();
      return true;
    });
    expect(beats).toBe(3);
  });

  it('leave a cluster alone that is still busy with the last one', async () => {
    const time = createFakeTime();
    const beats: string[] = [];
    let release = () => {};
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    await heartbeats(['slow', 'quick'], { every: 100, until: 550, parallel: 2 }, time, never, async (member) => {
      beats.push(member);
      if (member === 'slow') await stuck;
      if (beats.length === 5) release();
      return true;
    });
    expect(beats.slice(0, 5)).toEqual(['slow', 'quick', 'quick', 'quick', 'quick']);
  });

  it('do not make up for what was missed while the machine slept', async () => {
    const time = createFakeTime();
    let beats = 0;
    await heartbeats(['a'], { every: 100, until: 100_000, parallel: 1 }, time, never, async () => {
      if (++beats === 1) await time.wait(99_700, never);
      return true;
    });
    expect(beats).toBeLessThan(6);
  });

  it('have nothing to do without clusters', async () => {
    await heartbeats([], { every: 1000, parallel: 4 }, createFakeTime(), never, async () => true);
  });

  it('wait no longer once they are told to stop', async () => {
    const stop = new AbortController();
    const waiting = createRealTime().wait(3_600_000, stop.signal);
    stop.abort();
    await waiting;
    await createRealTime().wait(3_600_000, stop.signal);
  });
});

describe('what one sees of the progress', () => {
  const shown = (live: boolean) => {
    const time = createFakeTime();
    const written: string[] = [];
    const progress = createProgress(200, { live, write: (text) => void written.push(text) }, time);
    const after = (milliseconds: number) => time.wait(milliseconds, new AbortController().signal);
    return { written, progress, after };
  };

  it('is a bar on a terminal, drawn over itself and not too often', async () => {
    const { written, progress, after } = shown(true);
    progress.done(10);
    expect(written).toEqual([]);
    await after(1000);
    progress.done(90);
    progress.done(50);
    await after(1000);
    progress.done(50);
    expect(written).toEqual([
      '\r\x1b[K[###############...............] 50 %, 100 of 200 objects, 1 s',
      '\r\x1b[K[##############################] 100 %, 200 of 200 objects, 2 s',
    ]);
  });

  it('is taken away before a line that stays, and at the end', async () => {
    const { written, progress, after } = shown(true);
    await after(1000);
    progress.done(1);
    progress.note('look here');
    progress.end();
    expect(written.slice(1)).toEqual(['\r\x1b[K', 'look here\n']);
  });

  it('is a line every five seconds in a log, and none of what is quick', async () => {
    const { written, progress, after } = shown(false);
    for (let second = 1; second <= 12; second++) {
      await after(1000);
      progress.done(10);
    }
    progress.end();
    expect(written).toEqual([
      '[#######.......................] 25 %, 50 of 200 objects, 5 s\n',
      '[###############...............] 50 %, 100 of 200 objects, 10 s\n',
    ]);
  });
});
