import { BaseRpcContext } from '@nestjs/microservices';
import type { Envelope } from '../envelope/index.js';
import type { RequestContext, ServerRequest } from '../requests/index.js';
import type { StreamContext } from '../router/index.js';
import type { CodexStream } from '../stream/index.js';

/** What a context is made of. */
export interface ContextParts {
  readonly event: Envelope;
  readonly stream: CodexStream;
  readonly signal: AbortSignal;
  /** Of an event. */
  readonly received?: StreamContext;
  /** Of a request. */
  readonly request?: ServerRequest;
  readonly because?: RequestContext['because'];
}

/**
 * What a handler gets as its second parameter, or by `@Ctx()`; guards, interceptors and filters get
 * it from `host.switchToRpc().getContext()`. A `policy` takes it as it is.
 */
export class CodexContext
  extends BaseRpcContext<[event: Envelope, stream: CodexStream]>
  implements RequestContext
{
  /** The event; of a request, the event that announced it. */
  readonly event: Envelope;

  /** The request that is to be answered; `null` in a handler of events. */
  readonly request: ServerRequest | null;

  readonly stream: CodexStream;

  /**
   * Aborted when the result is no longer wanted: `switch` has given the event up for a newer one,
   * the request has settled otherwise or its time is up, or the application has waited long enough
   * at its shutdown.
   */
  readonly signal: AbortSignal;

  /** When the event was received: milliseconds since the epoch; 0 if that is not known. */
  readonly receivedAt: number;

  /** The number of the event in a log that numbers its events, such as a JetStream. */
  readonly seq: number | undefined;

  /** Whether the log has delivered the event before: handlers may have seen it. */
  readonly redelivered: boolean;

  /** Says why the answer to a request is as it is: for the audit. */
  readonly because: RequestContext['because'];

  constructor({ event, stream, signal, received, request, because }: ContextParts) {
    super([event, stream]);
    this.event = event;
    this.request = request ?? null;
    this.stream = stream;
    this.signal = signal;
    this.receivedAt = received?.receivedAt ?? request?.openedAt ?? 0;
    this.seq = received?.seq;
    this.redelivered = received?.redelivered ?? false;
    this.because = because ?? (() => undefined);
  }
}
