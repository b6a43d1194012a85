import type { NotificationParams } from '../../../protocol/index.js';
import { machine } from './machine.js';
import { threads } from './threads.js';
import { turns } from './turns.js';

/** The params of every notification: a method that has none here does not compile. */
export const notifications: NotificationParams = { ...machine, ...threads, ...turns };
