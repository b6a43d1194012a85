export {
  CallError,
  deltaNotifications,
  housekeepingNotifications,
  type AnyMethods,
  type AppServerStream,
  type AppServerStreamOptions,
  type Call,
  type CallFault,
  type CallOptions,
  type CallPartials,
  type ClientInfo,
  type ExperimentalMethods,
  type ProtocolDrift,
  type ServerInfo,
  type ServerSupport,
  type StableMethods,
} from '../app-server/index.js';
export type { ChildProcessOptions } from './child-process-options.js';
export { openChildProcess } from './child-process.js';
export { connectAppServer, type AppServerOptions } from './connect-app-server.js';
export { readRecordingFile } from './read-recording-file.js';
export { writeRecordingFile, type RecordingFile } from './write-recording-file.js';
