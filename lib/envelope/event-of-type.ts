import type { NotificationNames, ServerRequestNames } from '../protocol/index.js';
import type { AppServerEvent, AppServerRequestEvent } from './app-server-event.js';
import type { Envelope } from './envelope.js';
import type { ManagerEvents } from './manager-event.js';

/** The envelope of an event type: typed where Codex or codex-manager lists it, otherwise open. */
export type EventOfType<Type extends string = string> = Type extends keyof ManagerEvents
  ? ManagerEvents[Type]
  : Type extends `app_server.request.${infer Name}`
    ? Name extends keyof ServerRequestNames
      ? AppServerRequestEvent<Name>
      : Envelope<Type>
    : Type extends `app_server.${infer Name}`
      ? Name extends keyof NotificationNames
        ? AppServerEvent<Name>
        : Envelope<Type>
      : Envelope<Type>;

/** The event types that the protocol lists, and those of codex-manager's own events. */
export type EventType =
  | `app_server.${keyof NotificationNames}`
  | `app_server.request.${keyof ServerRequestNames}`
  | keyof ManagerEvents;
