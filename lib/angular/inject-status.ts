import { assertInInjectionContext, type Signal } from '@angular/core';
import type { ConnectionStatus } from '../socket/index.js';
import { injectSignals } from './stream-signals.js';
import { nameOf, type StreamChoice } from './stream-token.js';

/** The state of the connection: `idle` until the first frame after the start. */
export function injectStatus(choice?: StreamChoice): Signal<ConnectionStatus> {
  assertInInjectionContext(injectStatus);
  return injectSignals(nameOf(choice)).status;
}
