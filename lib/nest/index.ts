export { CodexContext, type ContextParts } from './codex-context.js';
export {
  CodexModule,
  type CodexModuleAsyncOptions,
  type CodexModuleExtras,
  type CodexModuleOptions,
} from './codex-module.js';
export {
  OnCodex,
  OnRequest,
  type CodexExtras,
  type EventMethod,
  type OnCodexOptions,
  type OnRequestOptions,
  type RequestMethod,
} from './decorators.js';
export { CodexExceptionFilter } from './exception-filter.js';
export { CodexHealth, type HealthOptions, type StreamHealth } from './health.js';
export {
  CODEX,
  CODEX_REQUESTS,
  CODEX_STREAM,
  codexTransport,
  healthToken,
  requestsToken,
  strategyToken,
  streamToken,
  type StreamChoice,
} from './names.js';
export type { StrategyOptions } from './strategy-options.js';
export { CodexStrategy, type StrategyEvents, type StrategyStats } from './strategy.js';
