import { connect } from '@nats-io/transport-node';
import type { NodeConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

/** A nats-server with JetStream on 127.0.0.1, with its own folder. */
export interface NatsServer {
  readonly port: number;
  /** Connects, and reconnects for ever. */
  connect(options?: NodeConnectionOptions): Promise<NatsConnection>;
  /** Ends it as a crash does. What it has stored stays. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and with the same folder. */
  restart(): Promise<void>;
  /** Ends every connection of `connect`, the server, and its folder. */
  close(): Promise<void>;
}

/** @param config More lines of its configuration. */
export async function startNatsServer(config = ''): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'codex-rx-nats-'));
  const file = join(folder, 'nats.conf');
  const jetstream = `jetstream { store_dir: "${join(folder, 'data')}" }`;
  // The server takes a free port itself: one that is looked for first may be gone by then.
  let port = -1;
  const connections = new Set<NatsConnection>();
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    await writeFile(file, `listen: 127.0.0.1:${port}\n${jetstream}\n${config}\n`);
    const started = spawn(env['NATS_SERVER'] ?? 'nats-server', ['-c', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    let log = '';
    started.stderr.setEncoding('utf8');
    await new Promise<void>((resolve, reject) => {
      started.on('error', () => {
        reject(
          new Error('nats-server is missing: apt-get update && apt-get install -y nats-server'),
        );
      });
      started.on('exit', (code) => {
        reject(new Error(`nats-server exited (${code}): ${log}`));
      });
      started.stderr.on('data', (text: string) => {
        log += text;
        if (log.includes('Server is ready')) resolve();
      });
    });
    started.stderr.removeAllListeners('data').resume();
    port = Number(/client connections on [^\n]*:(\d+)/.exec(log)?.[1]);
  }

  async function kill(): Promise<void> {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  await start();
  return {
    port,
    async connect(options = {}) {
      const nc = await connect({
        servers: `127.0.0.1:${port}`,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 50,
        reconnectJitter: 0,
        ...options,
      });
      connections.add(nc);
      return nc;
    },
    kill,
    restart: start,
    async close() {
      for (const nc of connections) await nc.close();
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
