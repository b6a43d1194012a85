export { injectCodex } from './inject-codex.js';
export { injectEnvelopes } from './inject-envelopes.js';
export { injectRequests, type RequestsOf } from './inject-requests.js';
export { injectStatus } from './inject-status.js';
export type { MaybeSignal } from './maybe-signal.js';
export { provideCodex, type CodexSource } from './provide-codex.js';
export type { RequestCard } from './request-card.js';
export { CODEX_STREAM, type StreamChoice } from './stream-token.js';
