/** Why a simulation ends, said in one line for the person who runs it. */
export class SimulationFailed extends Error {
  override readonly name: string = 'SimulationFailed';
}

/** The list of Kubernetes objects cannot be used. */
export class UnusableList extends SimulationFailed {
  override readonly name = 'UnusableList';
}

/** The PCE answered, and not what was hoped for. */
export class Refused extends SimulationFailed {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }

  /** Whether asking the same again later can do better. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

/** No answer came. */
export class Unreachable extends SimulationFailed {
  override readonly name = 'Unreachable';
}

/** The person who runs it wants no more: not a failure. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}
