import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { fakeTransport, marbles, type FakeTransport } from 'codex-rx/testing';
import fc from 'fast-check';
import { asyncScheduler, NEVER, Observable, of, Subject, timer, type Subscription } from 'rxjs';
import {
  ConnectionError,
  type ConnectionStatus,
  type Transport,
  type TransportRequest,
  type Upstream,
} from 'codex-rx';
import { createConnection } from '../../lib/socket/connection.js';
import type { Connection, ConnectionSettings } from '../../lib/socket/connection-contract.js';
import type { TransportEvents } from '../../lib/socket/transport.js';
import type { NetworkHint } from '../../lib/socket/network-hints.js';
import { createSerializer } from '../../lib/async/serializer.js';

const now = () => asyncScheduler.now();

const request: TransportRequest = { url: 'ws://fake/', headers: {}, maxFrameBytes: 1_000 };
const reconnect = {
  base: 10,
  cap: 40,
  attempts: Infinity,
  stableAfter: 50,
  shouldRetry: ({ permanent }: ConnectionError) => !permanent,
};

interface Stage {
  readonly connection: Connection;
  readonly socket: FakeTransport;
  /** Writes an entry, with the time. */
  log(entry: string): void;
  /** Does something at a time. */
  at(time: number, task: () => void): void;
  /** Lets the handshake succeed, and the peer be ready. */
  readyAt(time: number): void;
  endAt(time: number): void;
}

/** Plays a script in virtual time: every status and every frame, with its time. */
function play(settings: Partial<ConnectionSettings>, script: (stage: Stage) => void): string[] {
  const entries: string[] = [];
  const log = (entry: string) => entries.push(`${now()} ${entry}`);
  marbles(() => {
    const socket = fakeTransport();
    const connection = createConnection(
      {
        openTransport: socket.open,
        request: () => request,
        ping: 'ping',
        connectTimeout: 100,
        heartbeat: null,
        reconnect,
        random: () => 1,
        hints$: NEVER,
        upstream$: NEVER,
        turns: createSerializer(),
        ...settings,
      },
      {
        text: (text, bytes, number, at) =>
          log(`text ${text}, ${bytes} bytes, of ${number} at ${at}`),
        ignored: (bytes, number, at) => log(`ignored ${bytes} bytes, of ${number} at ${at}`),
        fault: (fault, bytes, excerpt, number, at) =>
          log(`${fault} ${excerpt}, ${bytes} bytes, of ${number} at ${at}`),
      },
    );
    connection.status$.subscribe({
      next: (status) => log(shown(status)),
      complete: () => log('complete'),
    });
    const at = (time: number, task: () => void) => {
      timer(time).subscribe(() => {
        task();
      });
    };
    script({
      connection,
      socket,
      log,
      at,
      readyAt: (time) => {
        at(time, () => {
          socket.connections.at(-1)?.accept();
          connection.ready(() => undefined);
        });
      },
      endAt: (time) => {
        at(time, () => {
          void connection.close('closed');
        });
      },
    });
  });
  return entries;
}

function shown(status: ConnectionStatus): string {
  switch (status.state) {
    case 'idle':
      return 'idle';
    case 'connecting':
      return `connecting ${status.attempt}`;
    case 'open':
      return `${status.phase} ${status.connection} since ${status.since}`;
    case 'waiting':
      return `waiting ${status.delay} for ${status.attempt}: ${status.error.kind}`;
    case 'closed':
      return `closed ${status.reason}${status.error === null ? '' : `: ${status.error.kind}`}`;
  }
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a connection', () => {
  test('is idle until it is opened, then goes from connecting over opened to ready', () => {
    const log = play({}, ({ connection, socket, at, endAt }) => {
      at(1, () => {
        connection.open();
      });
      at(3, () => {
        socket.last.accept();
      });
      at(7, () => {
        connection.ready(() => undefined);
      });
      endAt(20);
    });
    expect(log).toEqual([
      '0 idle',
      '1 connecting 1',
      '3 opened 1 since 3',
      '7 ready 1 since 7',
      '20 closed closed',
      '20 complete',
    ]);
  });

  test('opens one link, however often it is told to open', () => {
    let links = 0;
    play({}, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      connection.open();
      readyAt(1);
      at(2, () => {
        connection.open();
      });
      endAt(3);
      at(4, () => {
        connection.open();
        links = socket.connections.length;
      });
    });
    expect(links).toBe(1);
  });

  test('is ready once, and only when it is open', () => {
    const told: string[] = [];
    const log = play({}, ({ connection, socket, at, endAt }) => {
      const ready = () => {
        connection.ready((number, readyAt) => told.push(`${number} at ${readyAt}`));
      };
      ready();
      connection.open();
      ready();
      at(2, () => {
        socket.last.accept();
      });
      at(3, ready);
      at(4, ready);
      endAt(5);
      at(6, ready);
    });
    expect(told).toEqual(['1 at 3']);
    expect(log.filter((entry) => entry.includes('ready'))).toEqual(['3 ready 1 since 3']);
  });

  test('hands over text and faults with the size, the connection and the time', () => {
    const log = play({ openTransport: faulty }, ({ connection, endAt }) => {
      connection.open();
      endAt(9);
    });
    expect(log.filter((entry) => /text|binary/.test(entry))).toEqual([
      '4 text hello, 5 bytes, of 1 at 4',
      '5 binary (bytes), 7 bytes, of 1 at 5',
    ]);
  });

  test('hands over what nobody wants too, and none of it from a link that it has left', () => {
    const links: TransportEvents[] = [];
    const openTransport: ConnectionSettings['openTransport'] = (_request, events) => {
      links.push(events);
      return { send() {}, close: (closed) => closed(), abandon() {} };
    };
    const log = play({ openTransport }, ({ connection, at, endAt }) => {
      connection.open();
      at(1, () => links[0]?.opened());
      at(4, () => links[0]?.ignored(9));
      at(6, () => links[0]?.ignored(7, 5));
      endAt(8);
      at(9, () => links[0]?.ignored(11));
    });
    expect(log.filter((entry) => entry.includes('ignored'))).toEqual([
      '4 ignored 9 bytes, of 1 at 4',
      '6 ignored 7 bytes, of 1 at 5',
    ]);
  });

  test('sends on the link that is open, and says whether there is one', () => {
    const sent: boolean[] = [];
    let frames: readonly string[] = [];
    play({}, ({ connection, socket, at, endAt }) => {
      const send = (text: string) => sent.push(connection.send(text));
      send('idle');
      connection.open();
      send('connecting');
      at(1, () => {
        socket.last.accept();
        send('opened');
      });
      at(2, () => {
        connection.ready(() => undefined);
        send('ready');
      });
      at(3, () => {
        frames = socket.last.sent;
        socket.last.end();
        send('waiting');
      });
      endAt(4);
      at(5, () => send('closed'));
    });
    expect(sent).toEqual([false, false, true, true, false, false]);
    expect(frames).toEqual(['opened', 'ready']);
  });

  test('gives up the link that is open for a reason of its protocol, and only that', () => {
    let left: unknown;
    const log = play({}, ({ connection, socket, at, endAt }) => {
      const fail = () => {
        connection.fail(new ConnectionError('refused', 'No such protocol.', false));
      };
      fail();
      connection.open();
      fail();
      at(1, () => socket.last.accept());
      at(2, fail);
      at(3, () => {
        left = socket.last.left;
        fail();
      });
      endAt(4);
      at(5, fail);
    });
    expect(left).toBe('abandoned');
    expect(log).toEqual([
      '0 idle',
      '0 connecting 1',
      '1 opened 1 since 1',
      '2 waiting 10 for 2: refused',
      '4 closed closed',
      '4 complete',
    ]);
  });

  test('tells a link that broke from a server that was not reached', () => {
    const log = play({}, ({ connection, socket, at, endAt }) => {
      connection.open();
      const broken = { kind: 'failed', error: new Error('ECONNRESET') } as const;
      at(1, () => socket.last.end(broken));
      at(12, () => {
        socket.last.accept();
        socket.last.end(broken);
      });
      endAt(13);
    });
    expect(log.filter((entry) => entry.includes('waiting'))).toEqual([
      '1 waiting 10 for 2: unreachable',
      '12 waiting 20 for 3: lost',
    ]);
  });
});

/** A link that plays itself: opened after 3 ms, a text, a binary frame. */
const faulty: ConnectionSettings['openTransport'] = (_request, events) => {
  timer(3).subscribe(() => {
    events.opened();
  });
  timer(4).subscribe(() => {
    events.text('hello', 5);
  });
  timer(5).subscribe(() => {
    events.fault('binary', 7, '(bytes)');
  });
  return { send() {}, close: (closed) => closed(), abandon() {} };
};

describe('coming back', () => {
  test('an attempt that is not ready in time is given up, opened or not', () => {
    let left: unknown[] = [];
    const log = play({}, ({ connection, socket, at, endAt }) => {
      connection.open();
      at(115, () => {
        socket.last.accept();
      });
      at(215, () => {
        left = socket.connections.map((link) => link.left);
      });
      endAt(216);
    });
    expect(log).toEqual([
      '0 idle',
      '0 connecting 1',
      '100 waiting 10 for 2: timeout',
      '110 connecting 2',
      '115 opened 1 since 115',
      '210 waiting 20 for 3: timeout',
      '216 closed closed',
      '216 complete',
    ]);
    expect(left).toEqual(['abandoned', 'abandoned']);
  });

  test('a connection that is ready outlives the time that it had for it', () => {
    const log = play({}, ({ connection, readyAt, endAt }) => {
      connection.open();
      readyAt(99);
      endAt(1_000);
    });
    expect(log).toContain('99 ready 1 since 99');
    expect(log).toContain('1000 closed closed');
    expect(log).toHaveLength(6);
  });

  test('waits longer after each failure, up to the cap', () => {
    const log = play({}, ({ connection, socket, at, endAt }) => {
      connection.open();
      for (const time of [1, 12, 33, 74, 115]) {
        at(time, () => {
          socket.last.end({ kind: 'failed', error: new Error('refused') });
        });
      }
      endAt(130);
    });
    expect(log.filter((entry) => entry.includes('waiting'))).toEqual([
      '1 waiting 10 for 2: unreachable',
      '12 waiting 20 for 3: unreachable',
      '33 waiting 40 for 4: unreachable',
      '74 waiting 40 for 5: unreachable',
      '115 waiting 40 for 6: unreachable',
    ]);
  });

  test('spreads every wait at random, the first one too', () => {
    const numbers = [0.5, 0.25];
    const log = play(
      { random: () => numbers.shift() ?? 0 },
      ({ connection, socket, at, endAt }) => {
        connection.open();
        for (const time of [1, 7, 13]) {
          at(time, () => {
            socket.last.end();
          });
        }
        endAt(20);
      },
    );
    expect(log.filter((entry) => entry.includes('waiting'))).toEqual([
      '1 waiting 5 for 2: lost',
      '7 waiting 5 for 3: lost',
      '13 waiting 0 for 4: lost',
    ]);
  });

  test('counts anew after a connection that was ready long enough', () => {
    const log = play({}, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      at(1, () => {
        socket.last.end();
      });
      readyAt(12);
      at(63, () => {
        socket.last.end();
      });
      readyAt(74);
      endAt(80);
    });
    expect(log.slice(2)).toEqual([
      '1 waiting 10 for 2: lost',
      '11 connecting 2',
      '12 opened 1 since 12',
      '12 ready 1 since 12',
      '63 waiting 10 for 1: lost',
      '73 connecting 1',
      '74 opened 2 since 74',
      '74 ready 2 since 74',
      '80 closed closed',
      '80 complete',
    ]);
  });

  test.each([-86_400_000, -60, 60, 86_400_000])(
    'a clock that is set by %i ms makes no connection stable, and none unstable',
    (jump) => {
      let off = 0;
      const original = asyncScheduler.now;
      asyncScheduler.now = () => original.call(asyncScheduler) + off;
      try {
        const log = play({}, ({ connection, socket, at, readyAt, endAt }) => {
          connection.open();
          readyAt(1);
          at(2, () => (off = jump));
          for (const time of [41, 163]) {
            at(time, () => {
              socket.last.end();
            });
          }
          at(53, () => (off = 0));
          readyAt(52);
          at(54, () => (off = jump));
          endAt(170);
        });
        expect(log.filter((entry) => entry.includes('waiting'))).toEqual([
          `${41 + jump} waiting 10 for 2: lost`,
          `${163 + jump} waiting 10 for 1: lost`,
        ]);
      } finally {
        asyncScheduler.now = original;
      }
    },
  );

  test('goes on counting after a connection that was ready too short, or never', () => {
    const log = play({}, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      readyAt(1);
      at(50, () => {
        socket.last.end();
      });
      at(61, () => {
        socket.last.accept();
      });
      at(150, () => {
        socket.last.end();
      });
      endAt(160);
    });
    expect(log.filter((entry) => entry.includes('waiting'))).toEqual([
      '50 waiting 10 for 2: lost',
      '150 waiting 20 for 3: lost',
    ]);
  });

  test('a predicate of the caller decides what is tried again', () => {
    const shouldRetry = ({ code }: ConnectionError) => code !== 4001;
    const log = play({ reconnect: { ...reconnect, shouldRetry } }, ({ connection, socket, at }) => {
      connection.open();
      at(1, () => {
        socket.last.end({ kind: 'refused', status: 403 });
      });
      at(12, () => {
        socket.last.end({ kind: 'closed', code: 4001, reason: 'stop' });
      });
    });
    expect(log.slice(-4)).toEqual([
      '1 waiting 10 for 2: refused',
      '11 connecting 2',
      '12 closed failed: lost',
      '12 complete',
    ]);
  });

  test('a predicate that throws closes the connection, and says so', () => {
    const errors: unknown[] = [];
    const cause = new Error('boom');
    const shouldRetry = () => {
      throw cause;
    };
    const log = play({ reconnect: { ...reconnect, shouldRetry } }, ({ connection, socket, at }) => {
      connection.status$.subscribe((status) => {
        if (status.state === 'closed') errors.push(status.error);
      });
      connection.open();
      at(1, () => {
        socket.last.end();
      });
    });
    expect(log.slice(-2)).toEqual(['1 closed failed: options', '1 complete']);
    expect(errors).toMatchObject([
      { name: 'ConnectionError', message: 'Cannot connect: boom', permanent: true, cause },
    ]);
  });

  test('a predicate may close the connection: nothing comes back from the dead', () => {
    let close: () => void = () => undefined;
    const shouldRetry = () => {
      close();
      return true;
    };
    const log = play({ reconnect: { ...reconnect, shouldRetry } }, ({ connection, socket, at }) => {
      close = () => void connection.close('closed');
      connection.open();
      at(1, () => {
        socket.last.end();
      });
    });
    expect(log.slice(-2)).toEqual(['1 closed closed', '1 complete']);
  });

  test('online and visible skip the rest of one wait, with some jitter; offline does not', () => {
    const hints$ = new Subject<NetworkHint>();
    const settings = { hints$, reconnect: { ...reconnect, base: 40, cap: 500 }, random: () => 0.5 };
    const log = play(settings, ({ connection, socket, at, endAt }) => {
      connection.open();
      for (const time of [1, 22, 63]) {
        at(time, () => {
          socket.last.end();
        });
      }
      // The third wait is 80 long: it would end at 143.
      at(70, () => hints$.next('offline'));
      at(75, () => hints$.next('online'));
      at(80, () => hints$.next('visible'));
      endAt(100);
    });
    expect(log.slice(5)).toEqual([
      '62 connecting 3',
      '63 waiting 80 for 4: lost',
      '95 connecting 4',
      '100 closed closed',
      '100 complete',
    ]);
  });

  test.each<[string, Partial<ConnectionSettings>, RegExp]>([
    ['is not ready in time', {}, /not ready within 100 ms/],
    ['is silent', { heartbeat: { interval: 20, timeout: 10 } }, /did not answer a ping/],
  ])('the error of a connection that %s says so', (_, settings, message) => {
    const messages: string[] = [];
    play(settings, ({ connection, readyAt, endAt }) => {
      connection.status$.subscribe((status) => {
        if (status.state === 'waiting') messages.push(status.error.message);
      });
      connection.open();
      if (settings.heartbeat) readyAt(1);
      endAt(105);
    });
    expect(messages[0]).toMatch(message);
  });

  test('any hint probes a connection that is ready', () => {
    const hints$ = new Subject<NetworkHint>();
    const heartbeat = { interval: 1_000, timeout: 20 };
    const log = play({ hints$, heartbeat }, ({ connection, at, readyAt, endAt }) => {
      connection.open();
      readyAt(1);
      at(10, () => hints$.next('offline'));
      endAt(35);
    });
    expect(log.slice(-3)).toEqual([
      '30 waiting 10 for 2: silent',
      '35 closed closed',
      '35 complete',
    ]);
  });

  test('tells what the server says of its upstream, while it is ready', () => {
    const upstream$ = new Subject<Upstream>();
    const upstreams: unknown[] = [];
    const log = play({ upstream$ }, ({ connection, socket, at, readyAt, endAt }) => {
      connection.status$.subscribe((status) => {
        if (status.state === 'open') upstreams.push([now(), status.upstream]);
      });
      connection.open();
      at(1, () => upstream$.next('up'));
      readyAt(2);
      at(3, () => upstream$.next('up'));
      at(4, () => upstream$.next('up'));
      at(5, () => upstream$.next('down'));
      at(6, () => {
        socket.last.end();
      });
      at(7, () => upstream$.next('up'));
      readyAt(20);
      endAt(30);
    });
    expect(upstreams).toEqual([
      [2, 'unknown'],
      [2, 'unknown'],
      [3, 'up'],
      [5, 'down'],
      [20, 'unknown'],
      [20, 'unknown'],
    ]);
    expect(log.filter((entry) => entry.includes('ready'))).toHaveLength(4);
  });

  test('closes when as many attempts in a row have failed as are allowed', () => {
    const settings = { reconnect: { ...reconnect, attempts: 3 } };
    const log = play(settings, ({ connection, socket, at }) => {
      connection.open();
      for (const time of [1, 12, 33]) {
        at(time, () => {
          socket.last.end();
        });
      }
    });
    expect(log.slice(-3)).toEqual(['32 connecting 3', '33 closed failed: lost', '33 complete']);
  });

  test('does not come back if it is told not to', () => {
    const log = play({ reconnect: null }, ({ connection, socket, at, readyAt }) => {
      connection.open();
      readyAt(1);
      at(1_000, () => {
        socket.last.end({ kind: 'closed', code: 1000, reason: '' });
      });
    });
    expect(log.slice(-2)).toEqual(['1000 closed failed: lost', '1000 complete']);
  });

  test('comes back after a clean close too: the server may have been restarted', () => {
    const log = play({}, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      readyAt(1);
      at(2, () => {
        socket.last.end({ kind: 'closed', code: 1000, reason: 'bye' });
      });
      endAt(5);
    });
    expect(log).toContain('2 waiting 10 for 2: lost');
  });

  test('a refusal for good is the end, a refusal for now is not', () => {
    const log = play({}, ({ connection, socket, at }) => {
      connection.open();
      at(1, () => {
        socket.last.end({ kind: 'refused', status: 503 });
      });
      at(12, () => {
        socket.last.end({ kind: 'refused', status: 401 });
      });
    });
    expect(log.slice(2)).toEqual([
      '1 waiting 10 for 2: refused',
      '11 connecting 2',
      '12 closed failed: refused',
      '12 complete',
    ]);
  });
});

describe('the request of an attempt', () => {
  test('is asked anew each time, and may come now, later, or as an Observable', () => {
    const asked: string[] = [];
    const answers = [of({ ...request, url: 'ws://fake/2' }), { ...request, url: 'ws://fake/3' }];
    const later = new Observable<TransportRequest>((subscriber) => {
      timer(5).subscribe(() => {
        subscriber.next({ ...request, url: 'ws://fake/1' });
        subscriber.next({ ...request, url: 'ws://fake/never' });
      });
    });
    play(
      {
        request() {
          asked.push(`${now()}`);
          return asked.length === 1 ? later : (answers.shift() ?? request);
        },
      },
      ({ connection, socket, at, log, endAt }) => {
        connection.open();
        for (const time of [6, 17]) {
          at(time, () => {
            socket.last.end();
          });
        }
        at(38, () => {
          asked.push(...socket.connections.map((link) => link.request.url));
          log('');
        });
        endAt(39);
      },
    );
    expect(asked).toEqual(['0', '16', '37', 'ws://fake/1', 'ws://fake/2', 'ws://fake/3']);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no token');
      },
      'no token',
    ],
    [
      'throws what is no Error',
      () => {
        throw 'no token';
      },
      'no token',
    ],
  ])('is tried again if it %s', (_, ask, told) => {
    const messages: string[] = [];
    const log = play({ request: ask }, ({ connection, endAt }) => {
      connection.status$.subscribe((status) => {
        if (status.state === 'waiting') messages.push(status.error.message);
      });
      connection.open();
      endAt(25);
    });
    expect(log.slice(1, 4)).toEqual([
      '0 connecting 1',
      '0 waiting 10 for 2: options',
      '10 connecting 2',
    ]);
    expect(messages[0]).toBe(`Cannot connect: ${told}`);
  });

  test('that never comes is given up when the time is over', () => {
    const log = play({ request: () => NEVER }, ({ connection, endAt }) => {
      connection.open();
      endAt(105);
    });
    expect(log).toContain('100 waiting 10 for 2: timeout');
  });

  test('that comes after the attempt was given up opens nothing', () => {
    const late = new Subject<TransportRequest>();
    let links = -1;
    play({ request: () => late }, ({ connection, socket, at, endAt }) => {
      connection.open();
      at(105, () => {
        late.next(request);
        links = socket.connections.length;
      });
      endAt(106);
    });
    expect(links).toBe(0);
  });

  test('a link that cannot be opened at all is the end', () => {
    const openTransport = () => {
      throw new SyntaxError('Invalid URL');
    };
    const log = play({ openTransport }, ({ connection }) => {
      connection.open();
    });
    expect(log).toEqual(['0 idle', '0 connecting 1', '0 closed failed: options', '0 complete']);
  });

  test('may close the connection while it is asked: nothing is opened then', () => {
    let links = -1;
    const ask: { current: () => TransportRequest } = { current: () => request };
    const log = play({ request: () => ask.current() }, ({ connection, socket, at }) => {
      ask.current = () => {
        void connection.close('closed');
        return request;
      };
      connection.open();
      at(1, () => (links = socket.connections.length));
    });
    expect(links).toBe(0);
    expect(log).toEqual(['0 idle', '0 connecting 1', '0 closed closed', '0 complete']);
  });

  test('is not asked for if a listener closes the connection that begins', () => {
    const ask = jest.fn(() => request);
    play({ request: ask }, ({ connection }) => {
      connection.status$.subscribe(({ state }) => {
        if (state === 'connecting') void connection.close('closed');
      });
      connection.open();
    });
    expect(ask).not.toHaveBeenCalled();
  });

  test('may close the connection and throw: nothing comes back from the dead', () => {
    let asked = 0;
    const ask: { current: () => TransportRequest } = { current: () => request };
    play({ request: () => ask.current() }, ({ connection }) => {
      ask.current = () => {
        if (++asked > 3) return request;
        void connection.close('closed');
        throw new Error('no token');
      };
      connection.open();
    });
    expect(asked).toBe(1);
  });

  test.each([
    ['close', ['100 closed closed', '100 complete']],
    ['rest', ['100 idle', '105 closed closed', '105 complete']],
  ] as const)('an Observable may %s the connection when it is left', (how, expected) => {
    const left: { current: () => void } = { current: () => undefined };
    const log = play(
      {
        request: () =>
          new Observable<TransportRequest>(() => () => {
            left.current();
          }),
      },
      ({ connection, endAt }) => {
        left.current = () => {
          if (how === 'rest') connection.rest();
          else void connection.close('closed');
        };
        connection.open();
        endAt(105);
      },
    );
    expect(log).toEqual(['0 idle', '0 connecting 1', ...expected]);
  });
});

describe('closing', () => {
  const states: [string, (stage: Stage) => void, Partial<ConnectionSettings>][] = [
    ['idle', () => {}, {}],
    ['asking for its url', ({ connection }) => connection.open(), { request: () => NEVER }],
    ['connecting', ({ connection }) => connection.open(), {}],
    [
      'opened',
      ({ connection, socket, at }) => {
        connection.open();
        at(1, () => socket.last.accept());
      },
      {},
    ],
    [
      'ready',
      ({ connection, readyAt }) => {
        connection.open();
        readyAt(1);
      },
      { heartbeat: { interval: 3, timeout: 1_000 } },
    ],
    [
      'waiting to try again',
      ({ connection, socket, at }) => {
        connection.open();
        at(1, () => socket.last.end());
      },
      { reconnect: { ...reconnect, base: 1_000, cap: 1_000 } },
    ],
    [
      'at rest',
      ({ connection, readyAt, at }) => {
        connection.open();
        readyAt(1);
        at(2, () => connection.rest());
      },
      {},
    ],
  ];

  test.each(states)(
    'ends it at once while it is %s, and leaves no timer',
    async (_, script, settings) => {
      const closings: Promise<void>[] = [];
      const timers: unknown[] = [];
      const schedule = jest.spyOn(asyncScheduler, 'schedule');
      const log = play(settings, (stage) => {
        script(stage);
        stage.at(5, () => {
          closings.push(stage.connection.close('aborted'));
        });
        stage.at(6, () => {
          const { length } = stage.socket.connections;
          stage.connection.rest();
          stage.connection.open();
          if (stage.socket.connections.length > length) stage.log('opened again');
          stage.connection.ready(() => {
            stage.log('ready');
          });
          for (const link of stage.socket.connections) {
            link.accept();
            link.sendText('late');
            link.end();
          }
        });
        stage.at(7, () => {
          const actions = schedule.mock.results.map(({ value }) => value as Subscription);
          timers.push(...actions.filter(({ closed }) => !closed));
        });
      });
      expect(log.slice(-2)).toEqual(['5 closed aborted', '5 complete']);
      expect(closings).toHaveLength(1);
      await closings[0];
      // The one that asks.
      expect(timers).toHaveLength(1);
    },
  );

  test('closes an open socket politely, and abandons none', () => {
    let left: unknown;
    play({}, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      readyAt(1);
      endAt(2);
      at(3, () => (left = socket.last.left));
    });
    expect(left).toBe('closed');
  });

  test('is over for everyone who asked when the last socket is closed, that at rest too', async () => {
    const goodbyes: (() => void)[] = [];
    const over: string[] = [];
    let connection: Connection | undefined;
    const ask = (name: string) => connection?.close('closed').then(() => over.push(name));
    play({ openTransport: slowToLeave(goodbyes) }, (stage) => {
      connection = stage.connection;
      connection.status$.subscribe(({ state }) => {
        if (state === 'closed') void ask('who is told');
      });
      connection.open();
      connection.rest();
      connection.open();
      void ask('first');
      void ask('second');
    });
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    for (const goodbye of goodbyes) {
      await settled();
      expect(over).toEqual([]);
      goodbye();
    }
    expect(goodbyes).toHaveLength(2);
    await ask('third');
    expect(over.sort()).toEqual(['first', 'second', 'third', 'who is told']);
  });

  test('keeps the first reason', () => {
    const log = play({}, ({ connection }) => {
      void connection.close('aborted');
      void connection.close('closed');
    });
    expect(log).toEqual(['0 idle', '0 closed aborted', '0 complete']);
  });

  test('resting lets go of the socket and of the retry, and opening begins anew', () => {
    let left: unknown;
    const log = play({}, ({ connection, socket, at, readyAt, endAt }) => {
      connection.rest();
      connection.open();
      at(1, () => {
        socket.last.end();
      });
      at(2, () => {
        connection.rest();
        connection.rest();
      });
      at(50, () => {
        connection.open();
      });
      readyAt(51);
      at(52, () => {
        connection.rest();
        left = socket.last.left;
      });
      endAt(60);
    });
    expect(left).toBe('closed');
    expect(log).toEqual([
      '0 idle',
      '0 connecting 1',
      '1 waiting 10 for 2: lost',
      '2 idle',
      '50 connecting 1',
      '51 opened 1 since 51',
      '51 ready 1 since 51',
      '52 idle',
      '60 closed closed',
      '60 complete',
    ]);
  });
});

/** Links that say goodbye when the test says so. */
const slowToLeave =
  (goodbyes: (() => void)[]): ConnectionSettings['openTransport'] =>
  (_request, events) => {
    events.opened();
    return { send() {}, close: (closed) => goodbyes.push(closed), abandon() {} };
  };

describe('the heartbeat of a connection', () => {
  const heartbeat = { interval: 30, timeout: 10 };

  test('begins when the connection is ready, and finds a half-open one within its time', () => {
    let sent: readonly string[] = [];
    const log = play({ heartbeat }, ({ connection, socket, at, endAt }) => {
      connection.open();
      at(1, () => socket.last.accept());
      at(50, () => {
        connection.ready(() => undefined);
        socket.last.sendText('x');
        sent = socket.last.sent;
      });
      endAt(95);
    });
    expect(sent).toEqual(['ping']);
    expect(log.slice(3)).toEqual([
      '50 ready 1 since 50',
      '50 text x, 1 bytes, of 1 at 50',
      '90 waiting 10 for 2: silent',
      '95 closed closed',
      '95 complete',
    ]);
  });

  test('takes any frame for life, one that could not be read too', () => {
    const log = play({ heartbeat, openTransport: faulty }, ({ connection, at, endAt }) => {
      connection.open();
      at(3, () => {
        connection.ready(() => undefined);
      });
      endAt(46);
    });
    expect(log).toContain('45 waiting 10 for 2: silent');
  });

  test('pings nobody if there is none, whatever is heard of the network', () => {
    const hints$ = new Subject<NetworkHint>();
    let sent: unknown;
    play({ hints$ }, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      readyAt(1);
      at(2, () => hints$.next('online'));
      at(50_000, () => (sent = socket.connections.map((link) => link.sent)));
      endAt(50_001);
    });
    expect(sent).toEqual([[]]);
  });

  test('ends with its connection, and begins anew with the next', () => {
    const sent: (readonly string[])[] = [];
    play({ heartbeat }, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      readyAt(1);
      at(20, () => socket.last.end());
      readyAt(31);
      at(62, () => {
        sent.push(...socket.connections.map((link) => link.sent));
      });
      endAt(63);
    });
    expect(sent).toEqual([[], ['ping']]);
  });
});

describe('an abandoned link', () => {
  test('is heard of no more: no frame, no end, no error', () => {
    const log = play({}, ({ connection, socket, at, readyAt, endAt }) => {
      connection.open();
      readyAt(1);
      at(2, () => socket.last.end());
      at(3, () => socket.connections[0]!.sendText('late'));
      readyAt(13);
      at(14, () => {
        const old = socket.connections[0]!;
        old.accept();
        old.sendText('of the old one');
        old.end({ kind: 'refused', status: 404 });
        old.end({ kind: 'failed', error: new Error('late') });
        socket.last.sendText('new');
      });
      endAt(20);
    });
    expect(log.slice(4)).toEqual([
      '2 waiting 10 for 2: lost',
      '12 connecting 2',
      '13 opened 2 since 13',
      '13 ready 2 since 13',
      '14 text new, 3 bytes, of 2 at 14',
      '20 closed closed',
      '20 complete',
    ]);
  });

  test('may tell of its end while it is abandoned, and does not end anything twice', () => {
    const chatty: ConnectionSettings['openTransport'] = (_request, events) => ({
      send() {},
      close: (closed) => {
        events.ended({ kind: 'closed', code: 1000, reason: '' });
        closed();
      },
      abandon() {
        events.text('late', 4);
        events.fault('binary', 4, 'late');
        events.ended({ kind: 'closed', code: 1006, reason: '' });
      },
    });
    const log = play({ openTransport: chatty }, ({ connection, endAt }) => {
      connection.open();
      endAt(111);
    });
    expect(log).toEqual([
      '0 idle',
      '0 connecting 1',
      '100 waiting 10 for 2: timeout',
      '110 connecting 2',
      '111 closed closed',
      '111 complete',
    ]);
  });

  test('is let go of, if its own opening was the end of it', () => {
    let abandoned = 0;
    const openTransport: ConnectionSettings['openTransport'] = (_request, events) => {
      events.ended({ kind: 'closed', code: 1006, reason: '' });
      return { send() {}, close() {}, abandon: () => abandoned++ };
    };
    play({ openTransport, reconnect: null }, ({ connection }) => {
      connection.open();
    });
    expect(abandoned).toBe(1);
  });
});

describe('status$', () => {
  test('tells late subscribers the state that is, and after the end the last', () => {
    const log = play({}, ({ connection, log, at, readyAt, endAt }) => {
      const join = (name: string) => {
        connection.status$.subscribe({
          next: (status) => {
            log(`${name}: ${status.state}`);
          },
          complete: () => {
            log(`${name}: complete`);
          },
        });
      };
      connection.open();
      readyAt(1);
      at(2, () => {
        join('late');
      });
      endAt(3);
      at(4, () => {
        join('too late');
      });
    });
    expect(log.filter((entry) => entry.includes('late'))).toEqual([
      '2 late: open',
      '3 late: closed',
      '3 late: complete',
      '4 too late: closed',
      '4 too late: complete',
    ]);
  });

  test('shows all observers the same order, whatever one of them does meanwhile', () => {
    // With a BehaviorSubject, the second would end on `connecting` in a connection that is closed.
    const seen: string[][] = [[], []];
    play({}, ({ connection }) => {
      connection.status$.subscribe(({ state }) => {
        seen[0]!.push(state);
        if (state === 'connecting') void connection.close('closed');
      });
      connection.status$.subscribe(({ state }) => seen[1]!.push(state));
      connection.open();
    });
    expect(seen[0]).toEqual(['idle', 'connecting', 'closed']);
    expect(seen[1]).toEqual(seen[0]);
  });

  test.each(['connecting', 'opened', 'ready', 'waiting', 'idle'])(
    'an observer may close, or rest and open again, when it sees %s',
    (when) => {
      for (const reaction of ['close', 'restart'] as const) {
        let done = false;
        const log = play(
          { heartbeat: { interval: 10, timeout: 5 } },
          ({ connection, socket, at, readyAt, endAt }) => {
            connection.status$.subscribe((status) => {
              const name = status.state === 'open' ? status.phase : status.state;
              if (done || now() === 0 || name !== when) return;
              done = true;
              if (reaction === 'close') void connection.close('closed');
              else {
                connection.rest();
                connection.open();
              }
            });
            at(1, () => {
              connection.open();
            });
            at(2, () => socket.connections[0]?.accept());
            at(3, () => {
              connection.ready(() => undefined);
            });
            at(4, () => socket.connections[0]?.end());
            at(5, () => {
              connection.rest();
            });
            readyAt(6);
            endAt(9);
          },
        );
        expect(done).toBe(true);
        expect(log.filter((entry) => entry.includes('closed'))).toHaveLength(1);
        expect(illegal(log.map((entry) => entry.split(' ')[1]!))).toEqual([]);
      }
    },
  );
});

/** What may follow what. */
const legal: Record<string, readonly string[]> = {
  idle: ['connecting', 'closed'],
  connecting: ['opened', 'waiting', 'idle', 'closed'],
  opened: ['ready', 'waiting', 'idle', 'closed'],
  ready: ['ready', 'waiting', 'idle', 'closed'],
  waiting: ['connecting', 'idle', 'closed'],
  closed: ['complete'],
};

const illegal = (states: readonly string[]): string[] =>
  states
    .filter((state) => state in legal || state === 'complete')
    .flatMap((state, i, all) =>
      i === 0 || legal[all[i - 1]!]?.includes(state) ? [] : [`${all[i - 1]} → ${state}`],
    );

type Act = (model: Model) => void;

interface Model {
  readonly connection: Connection;
  readonly links: ModelLink[];
  /** Answers to `request` that are still awaited. */
  readonly asked: Subject<TransportRequest>[];
  readonly hints$: Subject<NetworkHint>;
  readonly upstream$: Subject<Upstream>;
}

interface ModelLink {
  readonly number: number;
  readonly events: Parameters<ConnectionSettings['openTransport']>[1];
  left: boolean;
}

const link =
  (pick: number, act: (link: ModelLink) => void): Act =>
  ({ links }) => {
    const one = links.at(-1 - (pick % Math.max(1, links.length)));
    if (one) act(one);
  };

const acts: Record<string, (pick: number) => Act> = {
  open:
    () =>
    ({ connection }) => {
      connection.open();
    },
  rest:
    () =>
    ({ connection }) => {
      connection.rest();
    },
  ready:
    () =>
    ({ connection }) => {
      connection.ready(() => undefined);
    },
  hint:
    (pick) =>
    ({ hints$ }) => {
      hints$.next((['online', 'offline', 'visible'] as const)[pick % 3]!);
    },
  upstream:
    (pick) =>
    ({ upstream$ }) => {
      upstream$.next((['unknown', 'up', 'down'] as const)[pick % 3]!);
    },
  accept: (pick) => link(pick % 2, ({ events }) => events.opened()),
  text: (pick) => link(pick, ({ events, number }) => events.text(`of ${number}`, 4)),
  cut: (pick) =>
    link(pick, ({ events }) => events.ended({ kind: 'closed', code: 1006, reason: '' })),
  refuse: (pick) => link(pick, ({ events }) => events.ended({ kind: 'refused', status: 503 })),
  answer:
    (pick) =>
    ({ asked }) =>
      asked.at(-1 - (pick % 3))?.next(request),
  fail:
    (pick) =>
    ({ asked }) =>
      asked.at(-1 - (pick % 3))?.error(new Error('no url')),
};

/** Rare enough that most runs live for a while. */
const endings: Record<string, (pick: number) => Act> = {
  close:
    () =>
    ({ connection }) => {
      void connection.close('closed');
    },
  unwanted: (pick) =>
    link(pick, ({ events }) => events.ended({ kind: 'closed', code: 4000, reason: '' })),
  forbid: (pick) => link(pick, ({ events }) => events.ended({ kind: 'refused', status: 403 })),
};

const anAct = fc
  .tuple(
    fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(...Object.keys(acts)) },
      { weight: 1, arbitrary: fc.constantFrom(...Object.keys(endings)) },
    ),
    fc.nat(5),
  )
  .map(([name, pick]) => ({ name, act: (acts[name] ?? endings[name])!(pick) }));

describe('a connection under random commands, faults and times', () => {
  test('is never in an illegal state, never has two links, and hears no link but its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(0, 1, 3, 10, 40, 120), anAct), { maxLength: 40 }),
        // What an observer of status$ does at the nth status.
        fc.array(fc.tuple(fc.nat(20), anAct), { maxLength: 3 }),
        fc.boolean(),
        async (script, reactions, hasHeartbeat) => {
          const first: string[] = [];
          const second: string[] = [];
          const wrong: string[] = [];
          let closing: Promise<void> | undefined;
          marbles(() => {
            const model: { connection: Connection } & Omit<Model, 'connection'> = {
              connection: undefined as never,
              links: [],
              asked: [],
              hints$: new Subject(),
              upstream$: new Subject(),
            };
            let current: ConnectionStatus = { state: 'idle' };
            const openTransport: ConnectionSettings['openTransport'] = (_request, events) => {
              const own: ModelLink = { number: model.links.length, events, left: false };
              if (model.links.some(({ left }) => !left)) wrong.push('two links');
              model.links.push(own);
              const leave = () => (own.left ? wrong.push('left twice') : (own.left = true));
              return {
                send() {},
                close: (closed) => {
                  leave();
                  closed();
                },
                abandon: leave,
              } satisfies Transport;
            };
            model.connection = createConnection(
              {
                openTransport,
                request: () => {
                  const answer = new Subject<TransportRequest>();
                  model.asked.push(answer);
                  return model.asked.length % 2 === 0 ? request : answer;
                },
                ping: 'ping',
                connectTimeout: 100,
                heartbeat: hasHeartbeat ? { interval: 30, timeout: 10 } : null,
                reconnect: {
                  ...reconnect,
                  shouldRetry: (error) => !error.permanent && error.code !== 4000,
                },
                random: () => 0.5,
                hints$: model.hints$,
                upstream$: model.upstream$,
                turns: createSerializer(),
              },
              {
                text(text) {
                  const own = model.links
                    .filter(({ left }) => !left)
                    .map(({ number }) => `of ${number}`);
                  if (!own.includes(text)) wrong.push(`heard ${text} instead of ${own.join()}`);
                },
                fault() {},
                ignored() {},
              },
            );
            const short = (status: ConnectionStatus) =>
              status.state === 'open' ? status.phase : status.state;
            let seen = 0;
            model.connection.status$.subscribe({
              next(status) {
                first.push(short(status));
                current = status;
                const nth = seen++;
                for (const [n, { act }] of reactions) if (n + 1 === nth) act(model);
              },
              complete: () => first.push('complete'),
            });
            model.connection.status$.subscribe({
              next: (status) => second.push(short(status)),
              complete: () => second.push('complete'),
            });
            let time = 0;
            for (const [wait, { act }] of script) {
              timer((time += wait)).subscribe(() => {
                act(model);
                if (first.join() !== second.join()) wrong.push('observers disagree');
                const lives = model.links.some(({ left }) => !left);
                if (current.state === 'open' && !lives) wrong.push('open without a link');
                if (['idle', 'waiting', 'closed'].includes(current.state) && lives) {
                  wrong.push(`${current.state} with a link`);
                }
              });
            }
            timer(time + 1).subscribe(() => {
              closing = model.connection.close('closed');
            });
            timer(time + 500).subscribe(() => {
              for (const name of Object.keys(acts)) acts[name]!(0)(model);
              if (model.links.some(({ left }) => !left)) wrong.push('a link is left over');
            });
          });
          expect(illegal(first)).toEqual([]);
          expect(first.slice(-2)).toEqual(['closed', 'complete']);
          expect(second).toEqual(first);
          expect(wrong).toEqual([]);
          expect(closing).toBeDefined();
          await closing;
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
