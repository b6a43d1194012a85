export {
  appServerOptionNames,
  type AppServerStreamOptions,
  type ClientInfo,
} from './app-server-options.js';
export type {
  AnyMethods,
  AppServerStream,
  ExperimentalMethods,
  StableMethods,
} from './app-server-stream.js';
export { CallError, type CallFault } from './call-error.js';
export type { Call, CallOptions } from './calls.js';
export { createAppServerStream, type Endpoint } from './create-app-server-stream.js';
export { createDriftReport, type ProtocolDrift } from './drift.js';
export type { ServerInfo, ServerSupport } from './server-info.js';
export { deltaNotifications, housekeepingNotifications } from './notifications.js';
export type { CallPartials } from './partial-calls.js';
