export type { GapMarker, GapReason, RecoveredMarker } from './appender.js';
export { NatsError, type NatsFault } from './nats-error.js';
export { publishTo, type Publisher, type PublisherStatus } from './publish-to.js';
export type { KeepOptions, PublisherOptions } from './publisher-options.js';
