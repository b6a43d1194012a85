export { openWebSocket } from './websocket.js';
