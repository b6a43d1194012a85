export { openChildProcess, type ChildProcessOptions } from './child-process.js';
export { openWebSocket } from './websocket.js';
