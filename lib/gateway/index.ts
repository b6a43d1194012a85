export { eventStream, type EventStreamOptions, type FeedMessage } from './event-stream.js';
export { feedLog, type Feed, type FeedOptions } from './feed.js';
export type { GatewayOptions } from './gateway-options.js';
export type { Authorize, GatewayIdentity } from './identity.js';
export { inspect } from './inspect.js';
export type { Inspector, InspectOptions } from './inspect-options.js';
export type { Log, LogEntry, LogRecord } from './log.js';
export { memoryLog, type MemoryLogOptions } from './memory-log.js';
export { serveGateway, type Gateway } from './serve-gateway.js';
