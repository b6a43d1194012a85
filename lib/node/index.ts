export {
  CallError,
  deltaNotifications,
  housekeepingNotifications,
  type AppServerStream,
  type AppServerStreamOptions,
  type CallFault,
  type CallOptions,
  type ClientInfo,
  type ExperimentalMethods,
  type ProtocolDrift,
  type ServerInfo,
  type StableMethods,
  type UnansweredRequest,
} from '../app-server/index.js';
export { openChildProcess, type ChildProcessOptions } from './child-process.js';
export { connectAppServer, type AppServerOptions } from './connect-app-server.js';
export { openWebSocket } from './websocket.js';
