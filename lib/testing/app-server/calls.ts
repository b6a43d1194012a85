import { toObservable, type Later } from '../../async/index.js';
import type { RequestId } from '../../envelope/index.js';
import type { AppServerClient, AppServerFrame } from './client.js';
import { appServerMethods, invalid, type Answered } from './methods.js';
import type { Members } from '../codex/thread.js';
import type { FakeAnswer } from '../codex/answer.js';
import type { FakeCodex } from '../codex/fake.js';

/** Answers a call, now or later, given its params and its id; `null` never answers it. */
export type FakeMethod = (
  params: Readonly<Record<string, unknown>>,
  id: RequestId,
) => Later<FakeAnswer | null>;

/** Answers the calls of all clients. */
export interface AppServerCalls {
  answer(client: AppServerClient, frame: AppServerFrame, method: string): void;
  /** Answers a method from now on. */
  handle(method: string, answer: FakeMethod): void;
  /** Refuses the next calls. */
  overload(count: number): void;
}

/** Methods whose caller follows the thread of their result. */
const following: ReadonlySet<string> = new Set(['thread/start', 'thread/resume', 'thread/fork']);

export function createAppServerCalls(
  codex: FakeCodex,
  clients: ReadonlySet<AppServerClient>,
): AppServerCalls {
  const handled = new Map<string, FakeMethod>();
  let toRefuse = 0;

  /** Lets a client follow a thread: it gets the requests that are open there. */
  function follow(client: AppServerClient, threadId: string): void {
    client.follows.add(threadId);
    for (const request of codex.requests.open.values()) {
      if (request.threadId === threadId) client.ask(request);
    }
  }

  /** Adds a thread that a test has invented. */
  function adopt(client: AppServerClient, result: unknown): void {
    const { id } = (result as { thread: { id: string } }).thread;
    const isNew = !codex.threads.has(id);
    codex.thread(id).isLoaded = true;
    if (isNew) codex.announce([['thread/started', { thread: { id } }]]);
    follow(client, id);
  }

  const methods = appServerMethods(codex, clients, follow);

  function known(client: AppServerClient, method: string, params: Members): Answered {
    const answer = methods.get(method);
    if (answer) return answer(params, client);
    const names = ['initialize', ...methods.keys(), ...handled.keys()].map((name) => `\`${name}\``);
    const what = `unknown variant \`${method}\`, expected one of ${names.join(', ')}`;
    return { answer: invalid(`Invalid request: ${what}`) };
  }

  return {
    answer(client, { id, params = {} }, method) {
      if (id === undefined) return;
      const reply = ({ answer, then }: Answered) => {
        client.sendRaw(JSON.stringify({ id, ...answer }));
        then?.();
      };
      const handler = handled.get(method);
      if (toRefuse > 0) {
        toRefuse--;
        reply({ answer: overloaded });
      } else if (method === 'initialize') reply(initialize(client, params));
      else if (client.capabilities === null) reply({ answer: invalid('Not initialized') });
      else if (!handler) reply(known(client, method, params));
      else {
        toObservable(() => handler(params, id as RequestId)).subscribe((answer) => {
          if (answer === null) return;
          reply({ answer });
          if ('result' in answer && following.has(method)) adopt(client, answer.result);
        });
      }
    },
    handle(method, answer) {
      handled.set(method, answer);
    },
    overload(count) {
      toRefuse = count;
    },
  };
}

const overloaded: FakeAnswer = {
  error: { code: -32001, message: 'Server overloaded; retry later.' },
};

function initialize(client: AppServerClient, params: Members): Answered {
  if (client.capabilities) return { answer: invalid('Already initialized') };
  const { clientInfo, capabilities } = params as {
    readonly clientInfo?: { readonly name?: string };
    readonly capabilities?: Members | null;
  };
  client.capabilities = capabilities ?? {};
  const result = {
    userAgent: `${clientInfo?.name ?? 'unknown'}/0.169.0 (Linux; x86_64)`,
    codexHome: '/codex-home',
    platformFamily: 'unix',
    platformOs: 'linux',
  };
  const status = {
    status: 'disabled',
    serverName: 'localhost',
    installationId: '00000000-0000-4000-8000-000000000000',
    environmentId: null,
  };
  return {
    answer: { result },
    then() {
      client.notify('remoteControl/status/changed', status);
    },
  };
}
