import type { NotificationParams, ServerRequestParams } from '../../../protocol/index.js';
import { smallestNotifications, smallestRequests } from './generated.js';
import { machine } from './machine.js';
import { requests as realistic } from './requests.js';
import { threads } from './threads.js';
import { turns } from './turns.js';

/** The params of every notification. */
export const notifications: NotificationParams = {
  ...machine,
  ...threads,
  ...turns,
  ...smallestNotifications,
};

/** The params of every server request. */
export const requests: ServerRequestParams = { ...realistic, ...smallestRequests };
