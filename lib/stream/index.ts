export { ask, type Ask } from './ask.js';
export type {
  CodexStream,
  EventStream,
  Gap,
  GapReplay,
  MalformedFrame,
  StreamMetrics,
} from './codex-stream.js';
export { createStream, type StreamSettings } from './create-stream.js';
export type { Dialect, ConnectionControl } from './dialect.js';
export { frameText, type FrameText } from './frame-text.js';
export { checkHeaders, checkProtocols, type Headers } from './headers.js';
export type { InterestFilter } from './interest-filter.js';
export type { ConnectOptions } from './readiness.js';
export type { Resync } from './resync.js';
export { streamOptionNames, streamSettings, type StreamOptions } from './stream-options.js';
