/** A file that cannot be used, said in one line for the person who named it. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile';
}

/** Something in the options that cannot be used, said in one line. */
export class UnusableOption extends Error {
  override readonly name = 'UnusableOption';
}
