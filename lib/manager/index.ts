export { connectManager } from './connect-manager.js';
export type { ManagerStream } from './create-manager-stream.js';
export type { ControlFrame } from './control.js';
export { managerDuplicates } from './ignored-frames.js';
export { ManagerError } from './manager-error.js';
export type { HealthOptions, ManagerOptions } from './manager-options.js';
