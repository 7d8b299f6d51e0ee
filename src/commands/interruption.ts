/** Calls `heard` at each signal that asks a program to stop. */
export function onInterruption(heard: (signal: NodeJS.Signals) => void): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, heard);
}
