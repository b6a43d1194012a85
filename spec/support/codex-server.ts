import { codexCommand, type CodexOptions } from './codex-command.js';
import { spawnCodex } from './codex-process.js';

export { codexCommand, type CodexCommand, type CodexOptions } from './codex-command.js';

/** A `codex app-server` that listens. */
export interface CodexServer {
  /** `ws://127.0.0.1:<port>` or `unix://<path>`. It survives restarts. */
  readonly url: string;
  /** The directory for threads to work in. */
  readonly cwd: string;
  /** CODEX_HOME. It survives restarts. */
  readonly home: string;
  /** The id of the process that runs, or ran last. */
  readonly pid: number;
  readonly running: boolean;
  /** The end of what the process has written to stderr. */
  readonly log: string;
  /**
   * SIGTERM, on which codex waits for its running turns; after `deadlineMs` SIGKILL. Default: 1,000.
   * Resolves when it has ended.
   */
  stop(deadlineMs?: number): Promise<void>;
  /** SIGKILL. Resolves when it has ended. */
  kill(): Promise<void>;
  /** Starts it again after it has ended: at the same url, on the same home. */
  start(): Promise<void>;
  /** Stops it and removes its directories. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CodexServerOptions extends CodexOptions {
  /** A free port of 127.0.0.1, or a unix socket. */
  readonly listen: 'ws' | 'unix';
}

/**
 * Starts the real codex, with a scripted model. For stdio there is `codexCommand`.
 *
 * @example
 * await using model = await startScriptedModel();
 * await using codex = await startCodex({ model, listen: 'ws' });
 */
export async function startCodex(options: CodexServerOptions): Promise<CodexServer> {
  const { command, args, env, cwd, home, close: remove } = await codexCommand(options);
  // Beside the home, since a unix socket's path must be short.
  const wanted = options.listen === 'unix' ? `unix://${home}.sock` : 'ws://127.0.0.1:0';
  const spawnAt = (url: string) => spawnCodex(command, args, url, { cwd, env });
  let codex = await spawnAt(wanted).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const { url } = codex;

  async function close(): Promise<void> {
    await codex.end('SIGTERM', 1_000);
    await remove();
  }

  return {
    url,
    cwd,
    home,
    get pid() {
      return codex.pid;
    },
    get running() {
      return codex.running();
    },
    get log() {
      return codex.log();
    },
    stop: (deadlineMs = 1_000) => codex.end('SIGTERM', deadlineMs),
    kill: () => codex.end('SIGKILL', 1_000),
    async start() {
      if (codex.running()) throw new Error(`This codex runs already, as process ${codex.pid}.`);
      codex = await spawnAt(url);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
