import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

/** What a service is started with. */
export interface Begun {
  readonly url: string;
  readonly source: 'manager' | 'app-server';
  /** Prompts that each begin a session, or the threads of sessions that there are. */
  readonly sessions:
    | { readonly prompts: readonly string[]; readonly cwd: string }
    | { readonly threads: readonly string[] };
  /** Whether its handlers are asked, and never answer. */
  readonly holds: boolean;
}

/** A line that it prints. */
export type Printed =
  | { readonly session: string }
  | { readonly asked: 'approval' | 'skill'; readonly threadId: string };

/** A service in a process of its own: see service-process.ts. */
export interface Service {
  /** The threads of the sessions that it has begun. */
  readonly sessions: readonly string[];
  /** What its handlers were asked. */
  readonly asked: readonly Printed[];
  /** Resolves when it has begun so many sessions. */
  begun(count: number): Promise<void>;
  /** Resolves when its handlers were asked so many times. */
  wasAsked(count: number): Promise<void>;
  /** SIGKILL. Resolves when it has ended. */
  close(): Promise<void>;
}

/** Builds the program: what `startService` runs. */
export async function buildService(): Promise<string> {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [file('service-process.ts')],
    alias: {
      '#websocket': file('../../lib/node/websocket.ts'),
      '#secret-rules': file('../../lib/node/secretlint.ts'),
    },
    bundle: true,
    format: 'esm',
    packages: 'external',
    platform: 'node',
    write: false,
  });
  return outputFiles[0]!.text;
}

export function startService(program: string, begun: Begun): Service {
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    env: { SERVICE: JSON.stringify(begun) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(program);
  const exited = once(child, 'exit');
  const sessions: string[] = [];
  const asked: Printed[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const printed = JSON.parse(line) as Printed;
    if ('session' in printed) sessions.push(printed.session);
    else asked.push(printed);
  });
  return {
    sessions,
    asked,
    begun: (count) => until(() => sessions.length >= count),
    wasAsked: (count) => until(() => asked.length >= count),
    async close() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
