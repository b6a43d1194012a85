import type { AppServerClient } from './client.js';
import { acceptedTurn, codex0169, threadSettings } from '../codex/v0169.js';
import type { CodexThread, Members } from '../codex/thread.js';
import type { FakeAnswer } from '../codex/answer.js';
import type { FakeCodex } from '../codex/fake.js';

/** The answer to a call, and a task for after it. */
export interface Answered {
  readonly answer: FakeAnswer;
  readonly then?: () => void;
}

export type AppServerMethod = (params: Members, client: AppServerClient) => Answered;

export const invalid = (message: string): FakeAnswer => ({ error: { code: -32600, message } });

const refused = (message: string): Answered => ({ answer: invalid(message) });

const done = (result: object, then?: () => void): Answered => ({
  answer: { result },
  ...(then && { then }),
});

/**
 * The methods that the fake answers itself.
 *
 * @param follow Lets a client follow a thread, and sends it the requests that are open there.
 */
export function appServerMethods(
  codex: FakeCodex,
  clients: ReadonlySet<AppServerClient>,
  follow: (client: AppServerClient, threadId: string) => void,
): ReadonlyMap<string, AppServerMethod> {
  /** A method of a thread that must exist. */
  const ofThread =
    (
      run: (thread: CodexThread, params: Members, client: AppServerClient) => Answered,
    ): AppServerMethod =>
    (params, client) => {
      const { threadId } = params as { readonly threadId?: string };
      if (threadId === undefined) return refused('Invalid request: missing field `threadId`');
      const thread = codex.threads.get(threadId);
      return thread ? run(thread, params, client) : refused(`thread not found: ${threadId}`);
    };

  /** The items that wait for an approval. */
  const waiting = () =>
    new Set([...codex.requests.open.values()].map(({ params }) => params['itemId']));

  const start: AppServerMethod = (params, client) => {
    const { experimentalApi = false } = client.capabilities ?? {};
    if ('dynamicTools' in params && experimentalApi !== true) {
      return refused('thread/start.dynamicTools requires experimentalApi capability');
    }
    const thread = codex.createThread(params);
    const result = { thread: codex0169.thread(thread), ...threadSettings(thread) };
    return done(result, () => {
      follow(client, thread.id);
      codex.announce(codex0169.created(thread));
    });
  };

  const resume = ofThread((thread, { excludeTurns = false }, client) => {
    const { id: threadId, usage } = thread;
    thread.isLoaded = true;
    if (excludeTurns !== true)
      client.notify('deprecationNotice', fullHistory('use `excludeTurns: true`'));
    const settings = threadSettings(thread);
    const mode = { model: settings['model'], reasoning_effort: null, developer_instructions: null };
    const result = {
      thread: codex0169.thread(thread, excludeTurns !== true, waiting()),
      ...settings,
      collaborationMode: { mode: 'default', settings: mode },
      initialTurnsPage: null,
      turnsBackwardsCursor: null,
      itemsBackwardsCursor: null,
    };
    return done(result, () => {
      if (usage && excludeTurns !== true) client.notify('thread/tokenUsage/updated', usage);
      client.follows.add(threadId);
      for (const one of clients) {
        if (one.follows.has(threadId)) one.notify('thread/goal/cleared', { threadId });
      }
      follow(client, threadId);
    });
  });

  const startTurn = ofThread((thread, params) => {
    const { text, clientId } = saidIn(params);
    const { running } = thread;
    // A message that arrives while a turn runs becomes part of that turn.
    if (running) {
      return done({ turn: acceptedTurn(running) }, () => {
        codex.steer(running, text, clientId);
      });
    }
    const turn = codex.createTurn(thread.id, text);
    turn.clientId = clientId;
    return done({ turn: acceptedTurn(turn) }, () => {
      codex.run(turn);
    });
  });

  return new Map<string, AppServerMethod>([
    ['thread/start', start],
    ['thread/resume', resume],
    [
      'thread/unsubscribe',
      (params, { follows }) => {
        const status = follows.delete(params['threadId']) ? 'unsubscribed' : 'notSubscribed';
        return done({ status });
      },
    ],
    [
      'thread/loaded/list',
      () => {
        const loaded = [...codex.threads.values()].filter(({ isLoaded }) => isLoaded);
        return done({ data: loaded.map(({ id }) => id), nextCursor: null });
      },
    ],
    [
      'thread/read',
      ofThread((thread, { includeTurns = false }, client) => {
        const withTurns = includeTurns === true;
        if (withTurns) {
          const instead = 'omit `includeTurns` or set it to `false`';
          client.notify('deprecationNotice', fullHistory(instead));
        }
        const readState = {
          firstUnread: thread.unread,
          revision: `revision-${thread.turns.length}`,
        };
        return done({ thread: codex0169.thread(thread, withTurns, waiting()), readState });
      }),
    ],
    ['turn/start', startTurn],
    [
      'turn/steer',
      ofThread(({ running }, params) => {
        const { expectedTurnId: turnId } = params as { readonly expectedTurnId?: string };
        if (!running || running.id !== turnId) return refused('no active turn to steer');
        const { text, clientId } = saidIn(params);
        return done({ turnId }, () => {
          codex.steer(running, text, clientId);
        });
      }),
    ],
    [
      'turn/interrupt',
      ofThread(({ running }, { turnId }) =>
        running?.id === turnId && running
          ? done({}, () => {
              codex.interrupt(running);
            })
          : refused('no active turn to interrupt'),
      ),
    ],
  ]);
}

/** What a message says, and how its client names it. */
function saidIn(params: Members): { readonly text: string; readonly clientId: string | null } {
  const { input = [], clientUserMessageId: clientId = null } = params as {
    readonly input?: readonly { readonly text?: string }[];
    readonly clientUserMessageId?: string | null;
  };
  return { text: input.flatMap(({ text }) => text ?? []).join('\n'), clientId };
}

const fullHistory = (instead: string): object => ({
  summary:
    `Full-history hydration is deprecated for paginated threads; ${instead}, then page with ` +
    '`thread/turns/list` and `thread/items/list`.',
  details: null,
});
