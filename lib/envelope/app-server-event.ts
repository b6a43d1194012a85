import type {
  NotificationIds,
  NotificationNames,
  NotificationParams,
  ServerRequestIds,
  ServerRequestNames,
  ServerRequestParams,
} from '../protocol/index.js';
import type { Envelope, RequestId } from './envelope.js';

/** A notification by its wire method (`item/started`) or its normalised name (`item.started`). */
export type NotificationMethod = keyof NotificationParams | keyof NotificationNames;

/** A server request by its wire method (`item/tool/call`) or its normalised name. */
export type ServerRequestMethod = keyof ServerRequestParams | keyof ServerRequestNames;

/** What both sources put around the params of a notification or a server request. */
export interface AppServerPayload<Method extends string = string, Params = unknown> {
  readonly source: 'app_server';
  readonly signalType: 'notification' | 'request';
  readonly eventType: string;
  /** The wire method, for example `item/fileChange/requestApproval`. */
  readonly method: Method;
  /** When the server received it: an ISO 8601 time. */
  readonly receivedAt: string;
  readonly context: { readonly threadId: string | null; readonly turnId: string | null };
  readonly params: Params;
  readonly session: {
    readonly id: string;
    readonly title: string | null;
    readonly projectId: string | null;
  } | null;
}

/** What is around the params of a server request; `requestId` is the raw JSON-RPC id. */
export interface AppServerRequestPayload<
  Method extends string = string,
  Params = unknown,
> extends AppServerPayload<Method, Params> {
  readonly requestId: RequestId;
}

type NameOf<Names, Wire> = {
  [Name in keyof Names & string]: Names[Name] extends Wire ? Name : never;
}[keyof Names & string];

type WireOf<Names, Params, Method> = Method extends keyof Names
  ? Names[Method] & keyof Params
  : Method & keyof Params;

/** The type of one id of an event, given the names of those that its params always carry. */
export type Id<Name extends 'threadId' | 'turnId', Carried> = Name extends Carried
  ? string
  : string | null;

/** The envelope of one notification, given its wire method. */
export type Notification<Wire extends keyof NotificationParams> =
  Wire extends keyof NotificationParams
    ? Envelope<
        `app_server.${NameOf<NotificationNames, Wire>}`,
        AppServerPayload<Wire, NotificationParams[Wire]>,
        Id<'threadId', NotificationIds[Wire]>,
        Id<'turnId', NotificationIds[Wire]>
      >
    : never;

/** The envelope of one server request, given its wire method. */
export type RequestEvent<Wire extends keyof ServerRequestParams> =
  Wire extends keyof ServerRequestParams
    ? Envelope<
        `app_server.request.${NameOf<ServerRequestNames, Wire>}`,
        AppServerRequestPayload<Wire, ServerRequestParams[Wire]>,
        Id<'threadId', ServerRequestIds[Wire]>,
        Id<'turnId', ServerRequestIds[Wire]>,
        RequestId
      >
    : never;

/**
 * The envelope of a notification, given its method in either spelling; an `Envelope` for a method
 * that this version of the protocol does not list. `threadId` and `turnId` are strings where the
 * schema requires them of the params; a server that breaks its schema gives `null`.
 */
export type AppServerEvent<Method extends string = string> = Method extends NotificationMethod
  ? Notification<WireOf<NotificationNames, NotificationParams, Method>>
  : Envelope;

/** The same for a server request. */
export type AppServerRequestEvent<Method extends string = string> =
  Method extends ServerRequestMethod
    ? RequestEvent<WireOf<ServerRequestNames, ServerRequestParams, Method>>
    : Envelope;
