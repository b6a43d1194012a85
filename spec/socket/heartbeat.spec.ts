import { describe, expect, jest, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { MessageChannel } from 'node:worker_threads';
import { asyncScheduler, NEVER, Subject, timer } from 'rxjs';
import { watchHeartbeat } from '../../lib/socket/heartbeat.js';

const now = () => asyncScheduler.now();

interface Peer {
  /** Sends a frame. */
  speak(): void;
  /** What the clock said when the last frame came, and how many came. */
  heardAt: number;
  heard: number;
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
      heard: 0,
      speak() {
        peer.heardAt = now();
        peer.heard++;
      },
      log: (entry) => log.push(`${now()} ${entry}`),
      hint: () => hints$.next(),
    };
    const heartbeat = watchHeartbeat({
      interval,
      timeout: 30,
      heard: () => peer.heard,
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
    let asleep = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + asleep);
    marbles(() => {
      const heartbeat = watchHeartbeat({
        interval: 100,
        timeout: 30,
        heard: () => 0,
        heardAt: () => 0,
        hints$: NEVER,
        ping: () => log.push(`${now()} ping`),
        dead: () => log.push(`${now()} dead`),
      });
      at(110, () => (asleep = late));
      at(500, () => {
        heartbeat.unsubscribe();
      });
    });
    clock.mockRestore();
    expect(log).toEqual(expected);
  });

  describe.each([-86_400_000, -3_600_000, -50, 50, 3_600_000, 86_400_000])(
    'a clock that is set by %i ms',
    (jump) => {
      /** Sets the clock at a time, while the peer speaks at others. */
      const withJump = (when: number, speaks: readonly number[], end: number) => {
        let off = 0;
        const original = asyncScheduler.now;
        asyncScheduler.now = () => original.call(asyncScheduler) + off;
        try {
          return watch(end, (peer) => {
            at(when, () => (off = jump));
            for (const time of speaks) at(time, peer.speak);
          }).map((entry) => {
            const [time, what] = entry.split(' ');
            return [Number(time) - (Number(time) > when + Math.min(jump, 0) ? off : 0), what];
          });
        } finally {
          asyncScheduler.now = original;
        }
      };

      test('finds no peer dead that answers', () => {
        for (const when of [10, 99, 110, 125]) {
          const answers = Array.from({ length: 400 }, (_, time) => 5 + 5 * time);
          expect(withJump(when, answers, 2_000)).toEqual([]);
        }
      });

      test('finds a peer dead that is silent, at most an interval later', () => {
        for (const when of [10, 60, 110, 125]) {
          const log = withJump(when, [50], 2_000);
          expect(log.map(([, what]) => what)).toEqual(['ping', 'dead']);
          expect(log.at(-1)![0]).toBeLessThanOrEqual(50 + 100 + 100 + 30);
        }
      });
    },
  );

  test('leaves no timer behind if the ping itself was the end', () => {
    const log: string[] = [];
    marbles(() => {
      const heartbeat = watchHeartbeat({
        interval: 100,
        timeout: 30,
        heard: () => 0,
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
    let [heard, heardAt] = [0, Date.now()];
    port2.on('message', () => {
      heard++;
      heardAt = Date.now();
    });
    await new Promise<void>((resolve) => {
      const heartbeat = watchHeartbeat({
        interval: 10,
        timeout: 40,
        heard: () => heard,
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
