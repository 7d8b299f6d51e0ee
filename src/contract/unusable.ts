/** A file that cannot be used, said in one line for the person who named it. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}

/** Something in the options that cannot be used, said in one line. */
export class UnusableOption extends Error {
  override readonly name = 'UnusableOption';
}

/** The file that keeps everything fails while it is in use: neither the request's fault nor a bug. */
export class StorageFailure extends UnusableFile {
  /** For replies; all of them are ours. */
  readonly token: string;
  /** What a client is told, which is not where the file is. */
  readonly told: string;

  constructor(token: string, told: string, message: string) {
    super(message);
    this.token = token;
    this.told = told;
  }
}

/** Somebody asks, or waits, where the emulator has been closed. */
export const closed = (): StorageFailure =>
  new StorageFailure('emulator_closed', 'The emulator was closed', 'the emulator was closed');
