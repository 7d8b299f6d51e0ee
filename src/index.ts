export type { Credentials, Emulator, EmulatorOptions, Release } from './emulator.ts';
export { startEmulator, UnusableFile, UnusableOption } from './emulator.ts';
