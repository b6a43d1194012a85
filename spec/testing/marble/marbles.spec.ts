import { describe, expect, test } from '@jest/globals';
import { approvals, createRouter, forThread, ofTurnStarted } from 'codex-rx';
import { alphabet, envelope, marbles, turn } from 'codex-rx/testing';
import {
  animationFrames,
  asyncScheduler,
  delay,
  interval,
  map,
  NEVER,
  of,
  repeat,
  Subject,
  take,
  throwError,
  timer,
} from 'rxjs';

const [a, b] = [envelope('a'), envelope('b', { n: 1 }, { threadId: 't1' })];
const now = () => asyncScheduler.now();

describe('marbles', () => {
  test('runs in virtual time, and returns what its test returns', () => {
    const before = performance.now();
    const result = marbles(({ expectObservable }) => {
      const expected = '60m (a|)';
      expectObservable(timer(3_600_000).pipe(map(() => 'a'))).toBe(expected);
      return 'done';
    });
    expect(result).toBe('done');
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test('begins at time 0 every time', () => {
    for (let run = 0; run < 2; run++) {
      marbles(({ hot, expectObservable }) => {
        const source = hot(' -a-', { a });
        const expected = '   -a-';
        expectObservable(source).toBe(expected, { a });
      });
    }
  });

  test('refuses a test that is async, which would pass whatever it expects', () => {
    const run = () => marbles(async () => Promise.resolve());
    expect(run).toThrow(
      new TypeError('A marble test must not be async: promises are not in virtual time.'),
    );
  });

  test('refuses an expectation that expects nothing', () => {
    for (const forget of ['expectObservable', 'expectEnvelopes'] as const) {
      const run = () =>
        marbles((helpers) => {
          helpers[forget](NEVER);
        });
      expect(run).toThrow(new Error(`${forget}(…) expects nothing: say .toBe('…').`));
    }
  });

  test.each([
    ['an interval', () => interval(1_000).subscribe()],
    [
      'a repetition',
      () =>
        of(1)
          .pipe(repeat({ delay: 1 }))
          .subscribe(),
    ],
  ])('ends a test that would never end, for %s', (_, begin) => {
    const run = () =>
      marbles(() => {
        begin();
      });
    expect(run).toThrow(/^More than 100000 timers: the test does not come to an end\./);
  });

  test('points to where the test expects what did not come', () => {
    const run = () =>
      marbles(({ hot, expectObservable }) => {
        expectObservable(hot('-a', { a })).toBe('-b', { b });
      });
    try {
      run();
      throw new Error('It passes.');
    } catch (error) {
      const [, ...frames] = (error as Error).stack?.split(/\n(?= {4}at )/) ?? [];
      expect(frames[0]).toContain('marbles.spec.ts');
      expect(frames[0]).not.toContain('/lib/');
    }
  });

  test('fails with what is thrown in virtual time', () => {
    const run = () =>
      marbles(() => {
        timer(5).subscribe(() => {
          throw new Error('boom');
        });
      });
    expect(run).toThrow('boom');
  });
});

describe('the letters of a diagram', () => {
  test('are those of the alphabet, where there are no values', () => {
    marbles(({ hot, cold, expectEnvelopes, expectObservable }) => {
      const source = hot('-t-T-d-c-|');
      const expected = '  -t---d-c-|';
      expectEnvelopes(source.pipe(forThread('thread-1'))).toBe(expected);
      expectObservable(source.pipe(forThread('thread-1'))).toBe(expected);
      expectObservable(source.pipe(ofTurnStarted())).toBe('-t-T-----|', alphabet);
      expectEnvelopes(cold('-f-h-e|')).toBe('-f-h-e|');
    });
  });

  test('are what a test says, alone or together with the alphabet', () => {
    marbles(({ hot, cold, expectEnvelopes, expectObservable }) => {
      expectEnvelopes(hot('-a-t-d|', { a, d: b })).toBe('-a-t-d|', { a, d: b });
      expectObservable(cold('-a-d|', { a: 1, d: 2 })).toBe('-a-d|', { a: 1, d: 2 });
    });
  });

  test('may mean something else in a whole test', () => {
    marbles(
      ({ hot, stream, expectEnvelopes }) => {
        expectEnvelopes(hot('-a-t-d|')).toBe('-a-t-d|');
        expectEnvelopes(hot('-d|')).toBe('-a|', { a: b });
        expectEnvelopes(stream('-a-t-d|')).toBe('-a-t-d|');
      },
      { a, d: b },
    );
  });

  test('are the digits of a list, such as that of a turn', () => {
    const events = turn({ text: 'Hi.' });
    marbles(({ hot, expectEnvelopes }) => {
      const source = hot('-0-1-2-3-4-5-6|', events);
      const expected = '  -0-1-2-3-4-5-6|';
      expect(events).toHaveLength(7);
      expectEnvelopes(source).toBe(expected, events);
    });
  });

  test('are themselves, as in RxJS, where none has a meaning', () => {
    marbles(({ hot, cold, expectObservable }) => {
      expectObservable(hot('-a-b-|')).toBe('-a-b-|');
      expectObservable(cold('-(ab)|')).toBe('-(ab)|', { a: 'a', b: 'b' });
    });
  });

  test('must have a meaning, if another has one: the error names those without', () => {
    const run = (diagram: string) => () =>
      marbles(({ hot }) => {
        void hot(diagram);
      });
    expect(run(' -t-u-v-u-|')).toThrow(
      new TypeError(
        "In '-t-u-v-u-|', give { u, v } a value, or use what has one: " +
          'n t i d o p r q k s e c f h N T I D O P R Q K S E C F H.',
      ),
    );
  });

  test('must have a value where it is events that are expected', () => {
    const run = () =>
      marbles(({ expectEnvelopes }) => {
        expectEnvelopes(NEVER).toBe('--a');
      });
    expect(run).toThrow(/^In '--a', give \{ a \} a value, or use what has one: n t i/);
  });

  test('must have a value, if there are any: it is not undefined by mistake', () => {
    const run = () =>
      marbles(({ expectObservable }) => {
        expectObservable(NEVER).toBe('-a-b', { a: undefined });
      });
    expect(run).toThrow(/^In '-a-b', give \{ b \} a value/);
  });
});

describe('what is expected', () => {
  test('may be what another Observable does', () => {
    const letters = { a: 'a', b: 'b' };
    const run = (wait: number) => () =>
      marbles(({ cold, expectObservable }) => {
        const source = cold('-a-b|', letters).pipe(delay(2));
        expectObservable(source).toEqual(timer(wait).pipe(map(() => 'a')));
      });
    expect(run(3)).toThrow(/^Expected {2}---\(a\|\)\nbut got {3}---a-\(b\|\)\n/);
    marbles(({ hot, expectObservable }) => {
      expectObservable(hot('-t-d-').pipe(delay(2))).toEqual(hot('---t-d-'));
    });
  });

  test('may be Observables, as values', () => {
    const run = (inner: string) => () =>
      marbles(({ cold, hot, expectObservable }) => {
        const source = hot('-a---b|', { a: 1, b: 2 }).pipe(
          map(() => timer(1).pipe(map(() => 'x'))),
        );
        const expected = '  -i---i|';
        expectObservable(source).toBe(expected, { i: cold(inner) });
      });
    expect(run('-(x|)')).not.toThrow();
    expect(run('--(x|)')).toThrow('frame 1: expected i');
  });

  test('is looked at when time is flushed, and what is expected later, later', () => {
    const seen: number[] = [];
    marbles(({ hot, flush, expectEnvelopes }) => {
      const source = hot('-t-c|');
      expectEnvelopes(source).toBe('-t-c|');
      source.subscribe(() => seen.push(now()));
      flush();
      expect(seen).toEqual([1, 3]);
    });
    const run = () =>
      marbles(({ hot, flush, expectEnvelopes }) => {
        expectEnvelopes(hot('-t-c|')).toBe('-t---c|');
        flush();
        throw new Error('It went on.');
      });
    expect(run).toThrow('frame 3: expected nothing, got c');
  });

  test('may be subscribed to for a while', () => {
    marbles(({ hot, expectEnvelopes, expectSubscriptions }) => {
      const source = hot('-t-d-d-c-|');
      const subs = '      --^---!';
      const expected = '  ---d-d----';
      expectEnvelopes(source, subs).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('may be painted, and timed', () => {
    marbles(({ animate, time, expectObservable }) => {
      animate('       --x--x');
      const frames = '--a--(b|)';
      expect(time('   ----|')).toBe(4);
      expectObservable(
        animationFrames().pipe(
          take(2),
          map((_, index) => 'ab'[index]),
        ),
      ).toBe(frames);
    });
  });

  test('are failures of handlers, of all who tell them', () => {
    const boom = () => {
      throw new Error('boom');
    };
    marbles(({ hot, stream, expectErrors }) => {
      const router = createRouter();
      router.connect(hot('-t-d-'));
      router.on(ofTurnStarted(), boom, { name: 'save' });
      expectErrors(router).toBe('-t---');
      expectErrors(router.errors$).toBe('-t---', { t: { route: 'save', kind: 'handler' } });
      expectErrors(router, '--^').toBe('-----');
      const source = stream('-t-r-|');
      source.on(ofTurnStarted(), boom);
      source.requests.serve(approvals, boom);
      expectErrors(source).toBe('-t----', { t: new Error('boom') });
      expectErrors(source.requests).toBe('---r-|', { r: { message: expectedMessage } });
      void source.connect();
    });
  });

  const expectedMessage =
    'Route "boom" failed in its handler on ' +
    'app_server.request.item.command_execution.request_approval: boom';

  test('tells errors apart by name, message and cause', () => {
    const run = (cause: string) => () =>
      marbles(({ expectObservable }) => {
        const source = throwError(() => new TypeError('x', { cause: 'one' }));
        expectObservable(source).toBe('#', {}, new TypeError('x', { cause }));
      });
    expect(run('one')).not.toThrow();
    expect(run('two')).toThrow('TypeError(x) caused by "two"');
  });
});

describe('in virtual time', () => {
  test('run the timers of this library, by a clock that begins at 0', () => {
    marbles(({ stream, expectObservable }) => {
      const source = stream('-----r-----c|', {}, { reconnect: false });
      const opened$ = source.requests.opened$.pipe(map(({ openedAt }) => openedAt));
      const settled$ = source.requests.settled$.pipe(
        map(({ settledAt, waited }) => [settledAt, waited]),
      );
      expectObservable(opened$).toBe('-----o------|', { o: 5 });
      expectObservable(settled$).toBe('-----------s|', { s: [11, 6] });
      void source.connect();
    });
  });

  test('run the waits of a stream, with the jitter that the test says', () => {
    const waits: unknown[] = [];
    marbles(({ stream, expectEnvelopes }) => {
      const options = { random: () => 0.5, reconnect: { base: 1_000 } };
      const source = stream('-t-! 400ms d 200ms d|', {}, options);
      const events = '       -t 603ms d|';
      source.status$.subscribe((status) => {
        if (status.state === 'waiting') waits.push(status.delay);
      });
      expectEnvelopes(source).toBe(events);
    });
    expect(waits).toEqual([500]);
  });

  test('run a heartbeat, which the server answers', () => {
    marbles(({ stream, expectObservable }) => {
      const heartbeat = { interval: 20, timeout: 20 };
      const source = stream('-t 60ms |', {}, { heartbeat });
      const control = '      r 20ms p 19ms p 18ms -p|';
      const control$ = source.control$.pipe(map(({ type }) => type));
      expectObservable(control$).toBe(control, { r: 'ready', p: 'pong' });
      void source.connect();
    });
  });

  test('do not run promises: they go on when the test is over', async () => {
    const log: string[] = [];
    const done = new Subject<void>();
    marbles(({ stream }) => {
      const source = stream('-t-|');
      source.on(ofTurnStarted(), async () => {
        await Promise.resolve();
        log.push('handler');
        done.complete();
      });
      void source.connect().then(() => log.push('connected'));
    });
    expect(log).toEqual([]);
    await new Promise<void>((resolve) => {
      done.subscribe({ complete: resolve });
    });
    await Promise.resolve();
    expect(log).toEqual(['connected', 'handler']);
  });
});
