import { describe, expect, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { MessageChannel } from 'node:worker_threads';
import { asyncScheduler, NEVER, Subject, timer } from 'rxjs';
import { watchHeartbeat } from '../../lib/socket/heartbeat.js';

const now = () => asyncScheduler.now();

interface Peer {
  /** Sends a frame. */
  speak(): void;
  /** What the clock said when the last frame came. */
  heardAt: number;
  log(entry: string): void;
  /** Says that the network may have changed. */
  hint(): void;
}

/** Watches a peer for `end` ms, interval 100 and timeout 30: what happened, with its time. */
function watch(
  end: number,
  script: (peer: Peer) => void,
  { interval = 100, onPing = undefined as ((peer: Peer) => void) | undefined } = {},
): string[] {
  const log: string[] = [];
  marbles(() => {
    const hints$ = new Subject<void>();
    const peer: Peer = {
      heardAt: now(),
      speak: () => (peer.heardAt = now()),
      log: (entry) => log.push(`${now()} ${entry}`),
      hint: () => hints$.next(),
    };
    const heartbeat = watchHeartbeat({
      interval,
      timeout: 30,
      heardAt: () => peer.heardAt,
      ping() {
        peer.log('ping');
        onPing?.(peer);
      },
      dead() {
        peer.log('dead');
      },
      hints$,
    });
    script(peer);
    timer(end).subscribe(() => {
      heartbeat.unsubscribe();
    });
  });
  return log;
}

const at = (time: number, task: () => void) =>
  timer(time).subscribe(() => {
    task();
  });

describe('watchHeartbeat', () => {
  test('pings a peer that was silent for the interval, and finds it dead after the timeout', () => {
    expect(watch(1_000, () => {})).toEqual(['100 ping', '130 dead']);
  });

  test('does not ping a peer that speaks', () => {
    const log = watch(450, (peer) => {
      for (const time of [90, 180, 270, 360]) at(time, peer.speak);
    });
    expect(log).toEqual([]);
  });

  test('counts silence from the last frame, not from the last ping', () => {
    expect(watch(1_000, (peer) => at(60, peer.speak))).toEqual(['160 ping', '190 dead']);
  });

  test('takes any frame for an answer', () => {
    const log = watch(350, (peer) => {
      at(101, peer.speak);
      at(210, peer.speak);
    });
    expect(log).toEqual(['100 ping', '201 ping', '310 ping', '340 dead']);
  });

  test('asks at once on a hint, once until the answer, and then listens on', () => {
    const log = watch(400, (peer) => {
      at(20, peer.hint);
      at(30, peer.hint);
      at(40, peer.speak);
      at(60, peer.hint);
      at(70, peer.speak);
    });
    expect(log).toEqual(['20 ping', '60 ping', '170 ping', '200 dead']);
  });

  test('finds a peer dead that does not answer the ping of a hint', () => {
    expect(watch(1_000, (peer) => at(20, peer.hint))).toEqual(['20 ping', '50 dead']);
  });

  test('lets an answer count that came in the very last moment', () => {
    expect(watch(150, (peer) => at(130, peer.speak))).toEqual(['100 ping']);
  });

  test('with an interval of nothing, an answer in the millisecond of the ping is one', () => {
    const log = watch(70, () => {}, { interval: 0, onPing: (peer) => peer.speak() });
    expect(log).toEqual(['0 ping', '30 ping', '60 ping']);
  });

  test.each([
    [5_000, ['100 ping', '130 ping', '160 dead']],
    // Late, but no sleep: else a short timeout would be asked about again and again.
    [900, ['100 ping', '130 dead']],
  ])('a timer that is %i ms late is taken for sleep if that is much too late', (late, expected) => {
    // As a laptop does with its lid closed: the clock goes on, and the timers do not.
    const log: string[] = [];
    marbles(() => {
      let asleep = 0;
      const clock = asyncScheduler.now.bind(asyncScheduler);
      const original = asyncScheduler.now;
      asyncScheduler.now = () => clock() + asleep;
      const heartbeat = watchHeartbeat({
        interval: 100,
        timeout: 30,
        heardAt: () => 0,
        hints$: NEVER,
        ping: () => log.push(`${clock()} ping`),
        dead: () => log.push(`${clock()} dead`),
      });
      at(110, () => (asleep = late));
      at(500, () => {
        heartbeat.unsubscribe();
        asyncScheduler.now = original;
      });
    });
    expect(log).toEqual(expected);
  });

  test('asks when the clock was set back, for then nobody knows how long it was silent', () => {
    const log = watch(250, (peer) => {
      peer.heardAt = 3_600_000;
    });
    expect(log).toEqual(['100 ping', '130 dead']);
  });

  test('an answer counts although the clock was set back after the ping', () => {
    const log = watch(200, (peer) => at(110, () => (peer.heardAt = 50)));
    // Heard at 50, said the new clock: silent for 100 at 150.
    expect(log).toEqual(['100 ping', '150 ping', '180 dead']);
  });

  test('leaves no timer behind if the ping itself was the end', () => {
    const log: string[] = [];
    marbles(() => {
      const heartbeat = watchHeartbeat({
        interval: 100,
        timeout: 30,
        heardAt: () => 0,
        hints$: NEVER,
        ping() {
          log.push(`${now()} ping`);
          heartbeat.unsubscribe();
        },
        dead: () => log.push(`${now()} dead`),
      });
    });
    expect(log).toEqual(['100 ping']);
  });

  test('an answer that lies unread behind a long task is read before the peer is given up', async () => {
    // Timers run before sockets are read, so the deadline comes first, and late.
    const { port1, port2 } = new MessageChannel();
    const log: string[] = [];
    const ended: (() => void)[] = [];
    let heardAt = Date.now();
    port2.on('message', () => (heardAt = Date.now()));
    await new Promise<void>((resolve) => {
      const heartbeat = watchHeartbeat({
        interval: 10,
        timeout: 40,
        heardAt: () => heardAt,
        hints$: NEVER,
        ping() {
          log.push('ping');
          if (log.length > 1) resolve();
          setImmediate(() => {
            port1.postMessage('answer');
            for (const until = Date.now() + 50; Date.now() < until;);
          });
        },
        dead() {
          log.push('dead');
          resolve();
        },
      });
      ended.push(() => {
        heartbeat.unsubscribe();
        port1.close();
      });
    });
    for (const end of ended) end();
    expect(log).toEqual(['ping', 'ping']);
  });
});
