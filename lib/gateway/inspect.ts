import type { CodexStream } from '../stream/index.js';
import type { Inspector, InspectOptions } from './inspect-options.js';
import { serveInspector } from './serve-inspector.js';

/**
 * Serves the inspector for the stream of a running program, on this machine alone: a page that
 * shows its threads as they work, and an inbox of what waits for a human.
 *
 * @example
 * const inspector = await inspect(stream);
 * console.log(`The inspector is at ${inspector.url}`);
 *
 * @throws TypeError that names the option that is wrong; Error if the package lacks the page.
 */
export const inspect = (stream: CodexStream, options: InspectOptions = {}): Promise<Inspector> =>
  serveInspector(stream, options);
