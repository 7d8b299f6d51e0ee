export type { WorldDefinition } from './control/worlds.ts';
export type { Credentials, Emulator, EmulatorOptions, Release } from './emulator.ts';
export { startEmulator, UnusableFile, UnusableOption } from './emulator.ts';
export type { Effect, FaultRule, StandingFault } from './faults/rule.ts';
export type { ContractViolation, Entry, Message } from './journal/entry.ts';
export type { EntryPattern } from './journal/entry-pattern.ts';
export type { EmulatorClock, EmulatorFaults, EmulatorRequests, TestBench } from './twins.ts';
