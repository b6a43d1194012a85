/** Which process is started, and how it ends. */
export interface ChildProcessOptions {
  /**
   * What is run, without a shell: a path, or a name that is found on PATH. (On Windows the path of
   * an `.exe`: npm's `codex.cmd` needs a shell.)
   *
   * @default `codex`
   */
  readonly command?: string;

  /** @default `['app-server']` */
  readonly args?: readonly string[];

  /**
   * Environment variables, added to those of this process and over them; `undefined` takes one
   * away.
   *
   * @default none
   */
  readonly env?: Readonly<Record<string, string | undefined>>;

  /**
   * Where it runs.
   *
   * @default where this process does
   */
  readonly cwd?: string;

  /**
   * How long the process may take over each step of its end, in ms: first its stdin ends, then it
   * is sent SIGTERM, then SIGKILL.
   *
   * @default 2,000
   */
  readonly stopTimeout?: number;

  /**
   * How much of the end of its stderr is kept, in bytes. It is the process's own text, secrets that
   * it prints included, and it is quoted in the error of a process that exits.
   *
   * @default 8 KiB
   */
  readonly stderrBytes?: number;
}

export const processOptionNames = [
  'command',
  'args',
  'env',
  'cwd',
  'stopTimeout',
  'stderrBytes',
] as const satisfies readonly (keyof ChildProcessOptions)[];
