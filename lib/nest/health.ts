import type { Subscription } from 'rxjs';
import { now } from '../async/index.js';
import { amounts, mustBeKnown } from '../options/index.js';
import type { ConnectionStatus, Upstream } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';

/** The options of `CodexHealth`. */
export interface HealthOptions {
  /**
   * What the result calls the stream.
   *
   * @default 'codex', or the name of the stream
   */
  readonly key?: string;
  /**
   * How long a stream may be without its server until it is down for `liveness()`, in ms.
   *
   * @default 30,000
   */
  readonly maxAway?: number;
}

/** How a stream is. */
export interface StreamHealth {
  readonly status: 'up' | 'down';
  readonly state: ConnectionStatus['state'];
  /** What the server says of the codex behind it. */
  readonly upstream: Upstream;
  /** For how long the server has not been there, in ms; 0 if it is. */
  readonly away: number;
  /** Why the last connection, or the last attempt at one, has ended; `null` if none has. */
  readonly error: string | null;
  /** Events that wait for their handlers. */
  readonly queued: number;
}

/**
 * The health of a stream as plain objects, which `HealthCheckService` of `@nestjs/terminus` takes.
 *
 * @example
 * await terminus.check([() => health.readiness()]);
 */
export class CodexHealth {
  readonly #stream: CodexStream;
  readonly #key: string;
  readonly #maxAway: number;
  readonly #subscription: Subscription;
  #status: ConnectionStatus = { state: 'idle' };
  /** Since when the server is not there; `null` if it is. */
  #awaySince: number | null = now();
  #error: string | null = null;

  /** @throws TypeError that names the option that is wrong. */
  constructor(stream: CodexStream, options: HealthOptions = {}) {
    mustBeKnown('', options, ['key', 'maxAway']);
    this.#stream = stream;
    this.#key = options.key ?? 'codex';
    this.#maxAway = amounts('', options, { maxAway: 30_000 }).maxAway;
    this.#subscription = stream.status$.subscribe((status) => {
      this.#status = status;
      if (isThere(status)) [this.#awaySince, this.#error] = [null, null];
      else this.#awaySince ??= now();
      if ('error' in status && status.error) this.#error = status.error.message;
    });
  }

  /** Down while events cannot come: for load balancers. */
  readiness(): Record<string, StreamHealth> {
    return this.#report(isThere(this.#status));
  }

  /** Down when the stream is closed, or has been without its server for too long: for restarts. */
  liveness(): Record<string, StreamHealth> {
    const { state } = this.#status;
    // A stream that has not been opened, or rests, lacks nothing.
    const isPatient = isThere(this.#status) || this.#away() < this.#maxAway;
    return this.#report(state === 'idle' || (state !== 'closed' && isPatient));
  }

  onApplicationShutdown(): void {
    this.#subscription.unsubscribe();
  }

  #away(): number {
    return this.#awaySince === null ? 0 : Math.max(0, now() - this.#awaySince);
  }

  #report(isUp: boolean): Record<string, StreamHealth> {
    const { state } = this.#status;
    const upstream = this.#status.state === 'open' ? this.#status.upstream : 'unknown';
    const { queued } = this.#stream.metrics();
    const [status, away, error] = [isUp ? 'up' : 'down', this.#away(), this.#error] as const;
    return { [this.#key]: { status, state, upstream, away, error, queued } };
  }
}

const isThere = (status: ConnectionStatus): boolean =>
  status.state === 'open' && status.phase === 'ready' && status.upstream !== 'down';
