import { isObservable, type Observable } from 'rxjs';
import { HandlerError } from '../../router/index.js';
import type { View } from './explain.js';
import type { ErrorSource } from './marble-test.js';

/** The members of a failure that are expected. */
export const partly: View = (actual, expected) => {
  const names = Object.keys(Object(expected) as object);
  const failure = Object(actual) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [name, failure[name]]));
};

/** An Error stands for its cause: it has no members that could be compared. */
export const asFailure = (expected: unknown): unknown =>
  expected instanceof Error && !(expected instanceof HandlerError) ? { cause: expected } : expected;

export function errorsOf(source: ErrorSource): Observable<HandlerError> {
  if (isObservable(source)) return source;
  return 'errors$' in source ? source.errors$ : source.router.errors$;
}
