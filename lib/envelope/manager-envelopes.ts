import type { NotificationIds, NotificationParams } from '../protocol/index.js';
import type { Id } from './app-server-event.js';
import type { Envelope, RequestId } from './envelope.js';

/** An event of codex-manager about one thread. */
export type ManagerThreadEvent<Type extends string, Payload> = Envelope<Type, Payload, string>;

/** An event of codex-manager about one server request. */
export type ManagerRequestEvent<Type extends string, Payload> = Envelope<
  Type,
  Payload,
  string,
  string | null,
  RequestId
>;

/** The params of a notification, under a name of codex-manager's own. */
export type NotificationCopy<
  Type extends string,
  Method extends keyof NotificationParams,
> = Envelope<
  Type,
  NotificationParams[Method],
  Id<'threadId', NotificationIds[Method]>,
  Id<'turnId', NotificationIds[Method]>
>;
