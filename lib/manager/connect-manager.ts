import { createManagerStream, type ManagerStream } from './create-manager-stream.js';
import { managerSettings, type ManagerOptions } from './manager-options.js';

/**
 * Connects to the event stream of a codex-manager (`/api/stream`).
 *
 * @example
 * const stream = connectManager({ url: 'http://127.0.0.1:3001' });
 * stream.on(ofAppServer('item/agentMessage/delta'), (event) => {
 *   process.stdout.write(event.payload.params.delta);
 * });
 * await stream.connect();
 *
 * @throws TypeError that names the option that is wrong.
 */
export const connectManager = (options: ManagerOptions): ManagerStream =>
  createManagerStream(managerSettings(options), options.threadId ?? null);
