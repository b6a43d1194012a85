export type { CodexStream, Gap, MalformedFrame, Recovery, StreamMetrics } from './codex-stream.js';
export { createStream, type Dialect, type StreamSettings } from './create-stream.js';
export type { Resync } from './resync.js';
