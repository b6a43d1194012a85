/** Counts what still has to be done with an event, for a caller that wants to know when all is. */
export class Settlement {
  /** The dispatch of the event itself is the first. */
  #open = 1;
  #failed = false;

  constructor(
    /** Whether the caller cannot wait: what would have to wait is then a failure. */
    readonly now: boolean,
    private readonly settled: (failed: boolean) => void,
  ) {}

  hold(): void {
    this.#open++;
  }

  fail(): void {
    this.#failed = true;
  }

  release(): void {
    if (--this.#open === 0) this.settled(this.#failed);
  }
}
