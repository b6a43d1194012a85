/** Returns what is wrong, or `null`. */
export type Check = () => string | null;

/** What a test expects. It is checked when virtual time has ended. */
export interface Expectations {
  /**
   * Adds one that is not complete: the result completes it.
   *
   * @param name Its name in the error if it is never completed.
   */
  begin(name: string): (check: Check, site: Error) => void;
  /**
   * Checks all that are complete.
   *
   * @param hint What may be the cause of a failure.
   * @throws Error that says what is wrong, and points to the expectation.
   */
  check(hint?: string): void;
  /** @throws Error if one is not complete. */
  finish(): void;
}

interface Begun {
  readonly name: string;
  complete: { readonly check: Check; readonly site: Error } | null;
}

export function createExpectations(): Expectations {
  let all: readonly Begun[] = [];
  return {
    begin(name) {
      const begun: Begun = { name, complete: null };
      all = [...all, begun];
      return (check, site) => {
        begun.complete = { check, site };
      };
    },
    check(hint) {
      const complete = all.flatMap(({ complete }) => complete ?? []);
      all = all.filter((one) => one.complete === null);
      for (const { check, site } of complete) {
        const wrong = check();
        if (wrong !== null) throw saying(hint ? `${wrong}\n\n${hint}` : wrong, site);
      }
    },
    finish() {
      const [open] = all;
      if (open) throw new Error(`${open.name}(…) expects nothing: say .toBe('…').`);
    },
  };
}

/** An error that points to the call of a function: a test fails at its end, which says nothing. */
export function siteOf(called: (...args: never[]) => unknown): Error {
  const error = new Error();
  // Not in every browser.
  if ('captureStackTrace' in Error) Error.captureStackTrace(error, called);
  return error;
}

function saying(message: string, error: Error): Error {
  const frames = (error.stack ?? '').replace(/^Error:? *\n/, '');
  error.message = message;
  error.stack = `Error: ${message}\n${frames}`;
  return error;
}
