import type { Pattern } from '../contract/pattern.ts';

/** What to do to which requests, and how often. */
export interface FaultRule {
  /** Told in the journal of each request that it strikes. Made up where it is not given. */
  readonly name?: string;
  /** The requests; all when absent. */
  readonly when?: Pattern;
  /** How likely it strikes each of them, from 0 to 1. Default 1. */
  readonly probability?: number;
  /** So many of them are let through first. Default 0. */
  readonly skip?: number;
  /** It strikes so many times, and then no more. */
  readonly times?: number;
  /** By the emulator's clock; for ever when absent. */
  readonly window?: {
    /** How long after the rule was made it begins: a duration such as `10s`. Default `0s`. */
    readonly after?: string;
    /** How long it lasts from there. */
    readonly for?: string;
  };
  readonly effect: Effect;
}

/**
 * What happens to a request. `latency` and the effects on lists go with any other; of `status`, `connection` and
 * `reply` there is one at the most.
 */
export interface Effect {
  /** The answer comes later, by a duration such as `200ms`. */
  readonly latency?: string;
  /** And by up to so much more, at random. */
  readonly jitter?: string;

  /** This status instead of an answer, in the form and with the token that the API has for it. */
  readonly status?: number;
  readonly token?: string;
  readonly message?: string;
  /** Seconds, as `Retry-After`. */
  readonly retry_after?: number;

  /** The connection ends without an answer: by a reset, or in good order. */
  readonly connection?: 'reset' | 'empty';

  /**
   * With `status` and `connection`: false, the default, and the request is not looked at; true, and all that it asks
   * for is done and kept before.
   */
  readonly after_commit?: boolean;

  /**
   * The request is answered, and the answer does not arrive as it was: cut off in the middle, not JSON, a few bytes
   * at a time, or, though everything is done and kept, not at all.
   */
  readonly reply?: 'truncated' | 'malformed' | 'slow' | 'lost';
  /** Of a slow reply. Default 100. */
  readonly bytes_per_second?: number;

  /** A list stops after so many rows. */
  readonly rows?: number;
  /** A list comes in another order, where none is promised. */
  readonly shuffled?: boolean;
}

/** A rule in force. */
export interface StandingFault extends FaultRule {
  readonly name: string;
  /** By the emulator's clock. */
  readonly created_at: string;
  /** How many requests it picked out, and how many of them it struck. */
  readonly seen: number;
  readonly hits: number;
}
