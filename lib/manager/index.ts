export { connectManager, type ManagerStream } from './connect-manager.js';
export type { ControlFrame } from './control.js';
export type { ManagerOptions } from './manager-options.js';
