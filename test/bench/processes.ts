import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const children = new Set<ChildProcess>();

/** Remembers a child of this process, so that it ends with it. */
export function adopt(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Ends every child that is still there: at once, for the end of this process. */
export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Asks a child to end, and sees that it does. */
export async function stop(child: ChildProcess): Promise<void> {
  if (!children.has(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(insist);
}

/** Resident memory in MB of a process and all that it has started; undefined where the system does not tell. */
export function residentMemory({ pid }: ChildProcess): number | undefined {
  return sum(withDescendants(pid).map((one) => /^VmRSS:\s+(\d+)/m.exec(told(one, 'status') ?? '')?.[1]))(1024);
}

/** Linux counts processor time in hundredths of a second, whatever the machine. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time of a process and all that it has started; undefined where the system does not tell. */
export function processorTime({ pid }: ChildProcess): number | undefined {
  const ticks = withDescendants(pid).flatMap((one) => {
    // The name in parentheses may hold anything; user and system time are the 12th and 13th field after it.
    const fields = told(one, 'stat')?.split(') ').at(-1)?.split(' ');
    return [fields?.[11], fields?.[12]];
  });
  return sum(ticks)(TICKS_PER_SECOND);
}

const sum = (texts: readonly (string | undefined)[]) => (unit: number) =>
  texts.some((text) => text === undefined) ? undefined : texts.reduce((all, text) => all + Number(text), 0) / unit;

function withDescendants(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const own = told(pid, `task/${pid}/children`)?.trim().split(' ').filter(Boolean) ?? [];
  return [pid, ...own.flatMap((one) => withDescendants(Number(one)))];
}

function told(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
