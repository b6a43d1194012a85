import { assertInInjectionContext } from '@angular/core';
import type { CodexStream } from '../stream/index.js';
import { injectStream } from './stream-token.js';

/**
 * Injects the stream, for what is no signal: `on`, `requests.serve`, `metrics`.
 *
 * @param name The name that `provideCodex` has given it, where there are several.
 */
export function injectCodex(name?: string): CodexStream {
  assertInInjectionContext(injectCodex);
  return injectStream(name);
}
