import { env } from 'node:process';
import { createCodexHome, type CodexConfig } from './codex-home.js';

export interface CodexOptions {
  /** The model that it calls. */
  readonly model: { readonly url: string };
  /** What is to differ from an offline, read-only codex that asks for approvals. */
  readonly config?: CodexConfig;
  /** More arguments for `codex app-server`, for example `--ws-auth`. */
  readonly args?: readonly string[];
  /** More environment; of the parent's, codex gets the PATH only. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A `codex app-server` that is ready to be spawned; as it stands it speaks over stdio. */
export interface CodexCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The directory for threads to work in. */
  readonly cwd: string;
  /** CODEX_HOME. */
  readonly home: string;
  /** Removes its directories. The process is for its spawner to end first. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Gets everything ready for `codex app-server`, but does not start it. */
export async function codexCommand(options: CodexOptions): Promise<CodexCommand> {
  const command = env['CODEX_BINARY'];
  if (!command)
    throw new Error('CODEX_BINARY is not set: run this spec with `npm run test:codex`.');
  const home = await createCodexHome(options.model.url, options.config);
  return {
    command,
    args: ['app-server', ...(options.args ?? [])],
    env: { ...home.env, ...options.env },
    cwd: home.work,
    home: home.home,
    close: home.remove,
    [Symbol.asyncDispose]: home.remove,
  };
}
