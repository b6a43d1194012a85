export { connectManager } from './connect-manager.js';
export type { ManagerStream } from './create-manager-stream.js';
export type { ControlFrame } from './control.js';
export type { GatewayGreeting } from './position.js';
export { managerDuplicates } from './ignored-frames.js';
export type { RestOptions } from './ask-rest.js';
export { ManagerError, type ManagerFault } from './manager-error.js';
export type { HealthOptions, ManagerOptions } from './manager-options.js';
