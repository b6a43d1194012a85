import { amounts, mustBe, mustBeKnown } from '../options/index.js';
import type { StreamChoice } from './names.js';

/** The options of `CodexStrategy`. */
export interface StrategyOptions extends StreamChoice {
  /**
   * How long `app.listen()` waits until the stream is ready, in ms; then it fails. With 0 it waits
   * for nothing: handlers run as soon as the stream is there, and the health says whether it is.
   *
   * @default 0
   */
  readonly readyTimeout?: number;
  /**
   * How long a shutdown waits for handlers that are running, and for answers that are under way, in
   * ms.
   *
   * @default 10,000
   */
  readonly drainTimeout?: number;
}

export const strategyOptionNames = ['stream', 'readyTimeout', 'drainTimeout'] as const;

/** @throws TypeError that names the option that is wrong. */
export function strategySettings(options: StrategyOptions) {
  mustBeKnown('', options, strategyOptionNames);
  const { stream } = options;
  mustBe(stream === undefined || typeof stream === 'string', 'stream', 'the name of a stream');
  return { stream, ...amounts('', options, { readyTimeout: 0, drainTimeout: 10_000 }) };
}
