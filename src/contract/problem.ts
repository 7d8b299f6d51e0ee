/** Where a request broke the contract. */
export interface Breach {
  readonly in: 'query' | 'headers' | 'body';
  /** JSON pointer, or the name of the parameter or header. */
  readonly path: string;
  readonly message: string;
}

/**
 * A refusal that is part of an API's behaviour. Handlers throw it, one place in `http/` writes it, and
 * the transaction around the handler rolls back. Anything else that is thrown is a bug.
 */
export class Problem extends Error {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Set where the request was refused because it broke the contract. */
  breach: Breach | undefined;

  /**
   * @param status the HTTP status
   * @param body what goes out as JSON; `undefined` sends an empty reply
   * @param headers further response headers
   */
  constructor(status: number, message: string, body?: unknown, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }

  /** The same, as the answer to a request that broke the contract. */
  becauseOf(breach: Breach): this {
    this.breach = breach;
    return this;
  }
}
