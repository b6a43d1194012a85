import type { AppServerEvent, AppServerRequestEvent } from '../../envelope/index.js';
import { notifications } from '../builders/defaults/params.js';
import { notification, request } from '../builders/envelopes.js';

/** The meanings of the letters of a diagram. */
export interface Letters {
  /** A new thread: `thread/started`. */
  readonly n: AppServerEvent<'thread/started'>;
  /** `turn/started` */
  readonly t: AppServerEvent<'turn/started'>;
  /** `item/started`: the agent begins a message. */
  readonly i: AppServerEvent<'item/started'>;
  /** `item/agentMessage/delta`: the text `Hello`. */
  readonly d: AppServerEvent<'item/agentMessage/delta'>;
  /** The message is over: `item/completed`. */
  readonly o: AppServerEvent<'item/completed'>;
  /** `turn/plan/updated` */
  readonly p: AppServerEvent<'turn/plan/updated'>;
  /** A request to run a command: `item/commandExecution/requestApproval`, its id is 0. */
  readonly r: AppServerRequestEvent<'item/commandExecution/requestApproval'>;
  /** A question to the user: `item/tool/requestUserInput`, its id is 1. */
  readonly q: AppServerRequestEvent<'item/tool/requestUserInput'>;
  /** A call of a tool: `item/tool/call`, its id is 2. */
  readonly k: AppServerRequestEvent<'item/tool/call'>;
  /** The request `r` is settled: `serverRequest/resolved`. */
  readonly s: AppServerEvent<'serverRequest/resolved'>;
  /** `error`: the turn is about to fail. */
  readonly e: AppServerEvent<'error'>;
  /** `turn/completed`, with the status `completed`. */
  readonly c: AppServerEvent<'turn/completed'>;
  /** `turn/completed`, with the status `failed`. */
  readonly f: AppServerEvent<'turn/completed'>;
  /** `turn/completed`, with the status `interrupted` (halted). */
  readonly h: AppServerEvent<'turn/completed'>;
}

/** The same letters as capitals: the same events, of `thread-2`. */
export type Capitals = { readonly [Letter in keyof Letters as Uppercase<Letter>]: Letters[Letter] };

type All = Letters & Capitals;

/** Every letter that has a meaning. */
export type Alphabet = { readonly [Letter in keyof All]: All[Letter] };

/** No two requests have the same id or item, in both threads: a server counts them. */
function lettersOf(number: 1 | 2): Letters {
  const threadId = `thread-${number}`;
  const turnId = `turn-${number}`;
  const itemId = `item-${number}`;
  const ofTurn = { threadId, turnId };
  const item = { type: 'agentMessage', id: itemId } as const;
  const first = number === 1 ? 0 : 3;
  const callOf = (id: number) => ({ ...ofTurn, itemId: `call-${id + 1}` });
  const { itemId: callId } = callOf(first + 2);
  const ended = (status: 'completed' | 'failed' | 'interrupted') => {
    const failure = status === 'failed' && { error: notifications.error.error };
    return notification('turn/completed', { threadId, turn: { id: turnId, status, ...failure } });
  };
  return {
    n: notification('thread/started', { thread: { id: threadId, sessionId: threadId } }),
    t: notification('turn/started', { threadId, turn: { id: turnId } }),
    i: notification('item/started', { ...ofTurn, item }),
    d: notification('item/agentMessage/delta', { ...ofTurn, itemId }),
    o: notification('item/completed', { ...ofTurn, item }),
    p: notification('turn/plan/updated', ofTurn),
    r: request('item/commandExecution/requestApproval', callOf(first), { id: first }),
    q: request('item/tool/requestUserInput', callOf(first + 1), { id: first + 1 }),
    k: request('item/tool/call', { ...ofTurn, callId }, { id: first + 2 }),
    s: notification('serverRequest/resolved', { threadId, requestId: first }),
    e: notification('error', ofTurn),
    c: ended('completed'),
    f: ended('failed'),
    h: ended('interrupted'),
  };
}

const capitals = (letters: Letters): Capitals =>
  Object.fromEntries(
    Object.entries(letters).map(([letter, event]) => [letter.toUpperCase(), event]),
  ) as never;

/**
 * The meanings of letters unless a test gives others: the events of a turn of `thread-1`, and as
 * capitals those of `thread-2`.
 *
 * @example
 * hot('-t-i-d-d-o-c-|') // a whole turn
 * hot('-t-T-d-D-c-C-|') // two at once
 * router.dispatch(alphabet.t);
 */
export const alphabet: Alphabet = /* @__PURE__ */ (() => ({
  ...lettersOf(1),
  ...capitals(lettersOf(2)),
}))();
