export type { AddRoute } from './add-route.js';
export type { StreamContext } from './context.js';
export { createRouter } from './create-router.js';
export type { EventRouter, RouterOptions, RouterStats } from './event-router.js';
export {
  HandlerError,
  OverflowError,
  type HandlerFault,
  type OverflowFault,
} from './handler-error.js';
export { createKeyCounts, type Interest, type KeyCounts } from './interest.js';
export type { Handler, Overflow, Route, RouteOptions, RouteStats, Strategy } from './route.js';
export { compileSource, readRouteArguments } from './source.js';
export type { StreamRouter } from './stream-router.js';
