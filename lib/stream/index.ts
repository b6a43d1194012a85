export type { CodexStream, Gap, MalformedFrame } from './codex-stream.js';
export { createStream, type Dialect, type StreamSettings } from './create-stream.js';
