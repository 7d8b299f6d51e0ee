/** What Go's JSON or its protobuf refuses. Kuma answers all of it 500. */
export class NotAMessage extends Error {
  readonly #reason: string;
  readonly #path: string;

  /** @param path where it is: `networking.inbound[0].port`; empty for the whole */
  constructor(reason: string, path = '') {
    super(path === '' ? reason : `${path} ${reason}`);
    this.#reason = reason;
    this.#path = path;
  }

  /** The same, where what was read is a part of something: a field, or `[0]` of a list. */
  within(place: string): NotAMessage {
    const joint = this.#path === '' || this.#path.startsWith('[') ? '' : '.';
    return new NotAMessage(this.#reason, `${place}${joint}${this.#path}`);
  }
}
