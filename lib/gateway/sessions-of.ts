import type { AppServerStream } from '../app-server/index.js';
import type { ManagerStream } from '../manager/index.js';
import { appServerSessions } from './app-server-sessions.js';
import type { FeedState } from './feed.js';
import { Refusal } from './guard.js';
import { managerSessions } from './manager-sessions.js';
import type { Sessions } from './sessions.js';

/** The sessions of a source, whichever it is. */
export function sessionsOf(feed: FeedState): Sessions {
  const { stream } = feed;
  if ('call' in stream) return appServerSessions(stream as AppServerStream, feed);
  if ('rest' in stream) return managerSessions(stream as ManagerStream, feed);
  const unsupported = () =>
    Promise.reject(new Refusal(501, 'unsupported', 'this source knows no sessions'));
  return {
    list: unsupported,
    read: unsupported,
    create: unsupported,
    send: unsupported,
    interrupt: unsupported,
    steer: unsupported,
    rename: unsupported,
    remove: unsupported,
  };
}
