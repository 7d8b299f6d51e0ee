import { print, read } from './arguments.ts';
import { askRunning, RUNNING } from './running.ts';

/** `pce-emulator reset`: has a running emulator be as it was after its start. @throws Misuse, NotDone */
export async function reset(args: string[]): Promise<void> {
  await askRunning(read(args, RUNNING), 'POST', '/reset');
  print('reset: everything is as it was after the start, and the journal is empty\n');
}
