/** What is wrong, or `null`. */
export type Check = () => string | null;

/** What a test expects, to be looked at when virtual time has come to its end. */
export interface Expectations {
  /**
   * Adds one that is not complete: the result completes it.
   *
   * @param name How it is called in the error, if nobody completes it.
   */
  begin(name: string): (check: Check, site: Error) => void;
  /**
   * Looks at all that are complete.
   *
   * @param hint What may be the reason of whatever is wrong.
   * @throws Error that says what is wrong, and where it was said.
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

/** An error that points to where a function was called: tests fail at their end, where nobody looks. */
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
