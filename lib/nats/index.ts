export type { GapMarker, GapReason, RecoveredMarker } from './appender.js';
export { consumeFrom, type WorkerLag, type WorkerStream } from './consume-from.js';
export type { ConsumerOptions } from './consumer-options.js';
export type { DeadLetter } from './dead-letters.js';
export { NatsError, type NatsFault } from './nats-error.js';
export { publishTo, type Publisher, type PublisherStatus } from './publish-to.js';
export type { KeepOptions, PublisherOptions } from './publisher-options.js';
export { forgetThread, type ForgetOptions } from './forget-thread.js';
export { replayThread, type ReplayOptions, type StoredEvent } from './replay-thread.js';
