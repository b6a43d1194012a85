import { messageOf } from '../text/index.js';

/**
 * Whether an error is a guard's no: `{ status: 'error', message: 'Forbidden resource' }`, or the
 * exception of it if a filter passed that on. Nest marks it by nothing but its message.
 */
export const isRefusedByGuard = (error: unknown): boolean =>
  messageOf(error) === 'Forbidden resource';
