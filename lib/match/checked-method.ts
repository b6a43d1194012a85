import type { NotificationMethod, ServerRequestMethod } from '../envelope/index.js';

/** The legacy events of codex, of which the protocol has no list. */
type LegacyMethod = `codex/event/${string}` | `codex.event.${string}`;

/** The known methods that begin as a method does; all of them where none does. */
type SameFamily<Method, Known> = Method extends `${infer Family}/${string}`
  ? OrAll<Extract<Known, `${Family}/${string}`>, Known>
  : Method extends `${infer Family}.${string}`
    ? OrAll<Extract<Known, `${Family}.${string}`>, Known>
    : Known;

type OrAll<Some, All> = [Some] extends [never] ? All : Some;

/** A notification that the types list; for anything else, what to write instead. */
export type CheckedNotification<Method> = Method extends NotificationMethod | LegacyMethod
  ? Method
  : string extends Method
    ? 'A method in a variable: use ofType(notificationType(method))'
    : Method extends ServerRequestMethod
      ? `'${Method}' is a server request: use ofAppServerRequest('${Method}')`
      : Method extends `app_server.request.${infer Rest}`
        ? `'${Method}' is the event type of a server request: use ofType('${Method}') or ofAppServerRequest('${Rest}')`
        : Method extends `app_server.${infer Rest}`
          ? `'${Method}' is an event type, not a method: use ofType('${Method}') or ofAppServer('${Rest}')`
          : SameFamily<Method, NotificationMethod>;

/** A server request that the types list; for anything else, what to write instead. */
export type CheckedRequest<Method> = Method extends ServerRequestMethod
  ? Method
  : string extends Method
    ? 'A method in a variable: use ofType(requestType(method))'
    : Method extends NotificationMethod | LegacyMethod
      ? `'${Method}' is a notification: use ofAppServer('${Method}')`
      : Method extends `app_server.request.${infer Rest}`
        ? `'${Method}' is an event type, not a method: use ofType('${Method}') or ofAppServerRequest('${Rest}')`
        : Method extends `app_server.${string}`
          ? `'${Method}' is the event type of a notification: use ofType('${Method}')`
          : SameFamily<Method, ServerRequestMethod>;
