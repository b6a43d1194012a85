// What the consumers have in common: each is a program of its own that starts a sender, connects
// to it, says go, and prints what it took as JSON.
//
//   node <consumer>.mjs <events> <routes> <mix>

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { argv, cpuUsage, exit, hrtime } from 'node:process';
import { eventTypes } from '../recorded.mjs';

/**
 * @param connect Connects to `url` with one handler for each of the `types`. Calls `go` when the
 * server said `ready`, and `end` with the number of handler runs on the event `bench.end`.
 * @param isLeft Which types are listened to.
 */
export async function measure(connect, isLeft = () => true) {
  const [events, routes, mix = 'recorded'] = [Number(argv[2]), Number(argv[3]), argv[4]];
  const types = eventTypes(routes).filter(isLeft);
  const sender = fork(join(import.meta.dirname, 'sender.mjs'), [String(events), mix]);
  const [{ port, counts }] = await once(sender, 'message');
  const expected = types.reduce((sum, type) => sum + (counts[type] ?? 0), 0);
  let began;
  let cpuBefore;

  connect({
    url: `ws://127.0.0.1:${port}/api/stream`,
    types,
    go() {
      cpuBefore = cpuUsage();
      began = hrtime.bigint();
      sender.send('go');
    },
    end(handled) {
      const seconds = Number(hrtime.bigint() - began) / 1e9;
      const { user, system } = cpuUsage(cpuBefore);
      const cpu = (user + system) / 1e6;
      console.log(JSON.stringify({ events, expected, handled, seconds, cpu }));
      sender.kill();
      exit();
    },
  });
}
