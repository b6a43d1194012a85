import { fromEvent, of, takeUntil, type MonoTypeOperatorFunction } from 'rxjs';
import type { Terminal } from './terminal.js';

/** Completes when the user interrupts the command. */
export const untilInterrupted = <T>({ interrupted }: Terminal): MonoTypeOperatorFunction<T> =>
  takeUntil(interrupted.aborted ? of(null) : fromEvent(interrupted, 'abort'));
