import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { openWebSocket } from 'codex-rx';
import {
  connectAppServer,
  openChildProcess,
  type AppServerOptions,
  type AppServerStream,
  type ExperimentalMethods,
} from 'codex-rx/node';
import { recordTransport, type RecordedEntry } from 'codex-rx/recording';
import { readdirSync, readFileSync } from 'node:fs';
import { testedVersions } from '../../lib/app-server/known-methods.js';
import { readClientSchema, type ClientSchema } from './client-schema.js';
import { codexCommand, startCodex, type CodexOptions } from './codex-server.js';
import { startScriptedModel, type ScriptedModel } from './scripted-model.js';
import { until } from './until.js';

/** How a codex is reached. */
export type Transport = 'websocket' | 'unix socket' | 'stdio';

/** A real codex, with a model of its own. */
export interface TestCodex {
  readonly model: ScriptedModel;
  /** The directory for threads to work in. */
  readonly cwd: string;
  /** Where it listens; empty over stdio. */
  readonly url: string;
  /** What a stream needs to reach it. */
  readonly reach: AppServerOptions;
  /** A stream of it that connects when it is told to. Over stdio the process starts only then. */
  stream(options?: Partial<AppServerOptions>): TestStream;
  /** Signals its process. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Ends it with SIGKILL, and starts it again; over stdio its stream does the latter. */
  restart(): Promise<void>;
}

export type TestStream = AppServerStream<ExperimentalMethods> & {
  /** All that went over the wire, each connection as a `sock` of its own. */
  readonly recorded: readonly RecordedEntry[];
};

export interface CodexSpecs {
  start(transport: Transport, options?: Omit<CodexOptions, 'model'>): Promise<TestCodex>;
  /** Starts one that all tests share, for as long as they last; its streams are of one test each. */
  shared(transport: Transport, options?: Omit<CodexOptions, 'model'>): () => TestCodex;
  /** Has something closed after the test, before what was there earlier. */
  closing<T extends Closable>(closable: T): T;
}

interface Closable {
  close(): Promise<unknown>;
}

/** Has something closed when it is time: what came last comes first. */
type Closing = <T extends Closable>(closable: T) => T;

const closingInto =
  (closables: Closable[]): Closing =>
  (closable) => {
    closables.push(closable);
    return closable;
  };

async function closeAll(closables: Closable[]): Promise<void> {
  for (const closable of closables.splice(0).reverse()) await closable.close();
}

/** A process that stays the same one, and leaves its id behind. */
const withPidFile = ['-c', 'echo $$ > "$PID_FILE"; exec "$0" "$@"'] as const;

/** Whether the types are of the version that is tested. */
const isNewest = process.env['CODEX_VERSION'] === testedVersions.newest;

/** Soon, so that no spec waits long for a stream to come back. */
const reconnect = { base: 20, cap: 100 };

/**
 * What the specs against the real codex share. After each test everything is closed, and codex's own
 * schema has to find every frame valid that was sent or received.
 */
export function codexSpecs(): CodexSpecs {
  let schema: ClientSchema;
  const closables: Closable[] = [];
  const closing = closingInto(closables);
  const streams: TestStream[] = [];

  beforeAll(async () => {
    schema = await readClientSchema();
  });

  afterEach(async () => {
    await closeAll(closables);
    for (const stream of streams.splice(0)) {
      const conversations = socksOf(stream).map((sock) =>
        stream.recorded.filter((entry) => entry.sock === sock && 'frame' in entry),
      );
      expect(conversations.flatMap(schema.validateConversation)).toEqual([]);
      expect(stream.drift().summary).toBe('');
      expect(stream.metrics().malformed).toBe(0);
    }
  });

  function open(given: AppServerOptions): TestStream {
    const recorded: RecordedEntry[] = [];
    const { process, ...options } = given;
    const direct = process ? openChildProcess(process) : openWebSocket;
    const transport = recordTransport(direct, {
      write(line) {
        const entry = JSON.parse(line) as RecordedEntry;
        if ('dir' in entry) recorded.push(entry);
      },
    });
    const always = { transport, experimental: true, drift: isNewest } as const;
    const stream = connectAppServer({ reconnect, ...options, ...always });
    const watched = closing(Object.assign(stream, { recorded }));
    streams.push(watched);
    return watched;
  }

  async function overStdio(
    model: ScriptedModel,
    options: object,
    closing: Closing,
  ): Promise<TestCodex> {
    const { command, args, env, cwd, home } = closing(await codexCommand({ model, ...options }));
    const PID_FILE = `${home}/pid`;
    const nothing = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
    const child = {
      command: '/bin/sh',
      args: [...withPidFile, command, ...args],
      env: { ...nothing, ...env, PID_FILE },
      cwd,
    };
    const signal = (name: NodeJS.Signals): number => {
      const pid = Number(readFileSync(PID_FILE, 'utf8'));
      process.kill(pid, name);
      return pid;
    };
    return {
      model,
      cwd,
      url: '',
      reach: { process: child },
      stream: (more) => open({ process: child, ...more }),
      async signal(name) {
        await signalled(signal(name), name);
      },
      async restart() {
        const pid = signal('SIGKILL');
        await until(() => !isAlive(pid));
      },
    };
  }

  async function listening(
    model: ScriptedModel,
    listen: 'ws' | 'unix',
    options: object,
    closing: Closing,
  ): Promise<TestCodex> {
    const server = closing(await startCodex({ model, listen, ...options }));
    const { url, cwd } = server;
    return {
      model,
      cwd,
      url,
      reach: { url },
      stream: (more) => open({ url, ...more }),
      async signal(name) {
        process.kill(server.pid, name);
        await signalled(server.pid, name);
      },
      async restart() {
        await server.kill();
        await server.start();
      },
    };
  }

  async function begin(
    transport: Transport,
    options: object,
    closing: Closing,
  ): Promise<TestCodex> {
    const model = closing(await startScriptedModel());
    if (transport === 'stdio') return overStdio(model, options, closing);
    return listening(model, transport === 'websocket' ? 'ws' : 'unix', options, closing);
  }

  return {
    closing,
    start: (transport, options = {}) => begin(transport, options, closing),
    shared(transport, options = {}) {
      const own: Closable[] = [];
      let codex: TestCodex;
      beforeAll(async () => {
        codex = await begin(transport, options, closingInto(own));
      });
      afterAll(() => closeAll(own));
      return () => codex;
    },
  };
}

/** The connections of a stream so far. */
export const socksOf = ({ recorded }: TestStream): readonly (string | undefined)[] => [
  ...new Set(recorded.map(({ sock }) => sock)),
];

/** A process that is told to stop may still do a little. */
async function signalled(pid: number, name: NodeJS.Signals): Promise<void> {
  if (name === 'SIGSTOP') await until(() => tasks(pid).every((state) => state === 'T'));
}

/** The states of the threads of a process, as /proc shows them. */
const tasks = (pid: number): readonly (string | undefined)[] =>
  readdirSync(`/proc/${pid}/task`).map(
    (task) => /\) (\w)/.exec(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8'))?.[1],
  );

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
