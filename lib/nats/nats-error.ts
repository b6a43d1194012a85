import { visibleText } from '../text/index.js';

/**
 * Why something over NATS failed:
 * - `setup`: the stream, a bucket or a consumer is not there, or is not as this process needs it;
 * - `partitions`: the stream has another number of partitions than was asked for;
 * - `mode`: the group is consumed in the other `mode` already;
 * - `closed`: the publisher was closed, or the connection to NATS was.
 */
export type NatsFault = 'setup' | 'partitions' | 'mode' | 'closed';

/** A failure of NATS, or of what is stored there. */
export class NatsError extends Error {
  override readonly name = 'NatsError';

  constructor(
    readonly kind: NatsFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(visibleText(message), options);
  }
}
