import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { parseEnvelope, type Envelope } from 'codex-rx';
import {
  readRecording,
  record,
  redact,
  replay,
  type RecordingSink,
  type RecordOptions,
} from 'codex-rx/recording';
import { envelope, marbles, notification, request } from 'codex-rx/testing';
import { PassThrough, Writable } from 'node:stream';
import { asyncScheduler, concatWith, lastValueFrom, of, Subject, throwError, toArray } from 'rxjs';
import { managerFrames } from '../recordings/index.js';
import { until } from '../support/until.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const ids = { threadId: 't', turnId: 'u' };
const some: readonly Envelope[] = [
  notification('turn/started', { threadId: 't', turn: { id: 'u' } }),
  request('item/tool/call', ids),
  envelope('other', { text: 'é€😀' }, { turnId: 'only here', requestId: 'r' }),
];

const replayed = (text: string) => lastValueFrom(replay(text, { speed: Infinity }).pipe(toArray()));

/** Records events from a Subject. */
function recording(sink: RecordingSink, options?: RecordOptions) {
  const operator = record(sink, options);
  const source = new Subject<Envelope>();
  const seen: Envelope[] = [];
  const subscription = source.pipe(operator).subscribe((event) => seen.push(event));
  return { operator, source, seen, subscription };
}

describe('record', () => {
  test('writes what replays as the same events, whatever their source', async () => {
    const sink: string[] = [];
    const events = [
      ...some,
      ...managerFrames.slice(0, 500).map(({ frame }) => parseEnvelope(frame)),
    ];
    const passed = await lastValueFrom(of(...events).pipe(record(sink), toArray()));
    expect(passed).toEqual(events);
    expect(passed[0]).toBe(events[0]);
    expect(sink).toHaveLength(events.length + 1);
    for (const line of sink) expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(readRecording(sink.join('')).header).toMatchObject({
      protocol: 'codex-manager',
      redacted: false,
    });
    expect(await replayed(sink.join(''))).toEqual(events);
  });

  test('tells when each event came', () => {
    marbles(({ cold, flush }) => {
      const sink: string[] = [];
      const values = { a: some[0]!, b: some[1]! };
      cold('a--b-----b|', values).pipe(record(sink)).subscribe();
      flush();
      const { header, entries } = readRecording(sink.join(''));
      expect(header.startedAt).toBe('1970-01-01T00:00:00.000Z');
      expect(entries.map(({ t, sock, dir }) => ({ t, sock, dir }))).toEqual(
        [0, 3, 9].map((t) => ({ t, sock: 'events', dir: 'in' })),
      );
    });
  });

  test('does not go back in time when the clock does', () => {
    const clock = jest.spyOn(asyncScheduler, 'now').mockReturnValue(1_000);
    const sink: string[] = [];
    const { source } = recording(sink);
    for (const now of [1_005, 400, 1_007]) {
      clock.mockReturnValue(now);
      source.next(some[0]!);
    }
    expect(readRecording(sink.join('')).entries.map(({ t }) => t)).toEqual([5, 5, 7]);
  });

  test('writes an event before it passes it on, and passes it on at once', () => {
    const sink: string[] = [];
    const { source, seen } = recording(sink);
    expect(sink).toHaveLength(1);
    source.next(some[0]!);
    expect([sink.length, seen.length]).toEqual([2, 1]);
  });

  test('keeps the type of the events', () => {
    const source = new Subject<Envelope<'x', number>>();
    const types: 'x'[] = [];
    source.pipe(record([])).subscribe(({ type }) => types.push(type));
    source.next({ type: 'x', threadId: null, turnId: null, requestId: null, payload: 1 });
    expect(types).toEqual(['x']);
  });

  test('begins with its subscriber, and ends with it: the sink is closed once', async () => {
    const calls: string[] = [];
    const sink = { write: () => calls.push('write'), close: () => calls.push('close') };
    const { operator, source, subscription } = recording(sink);
    expect(calls).toEqual(['write']);
    subscription.unsubscribe();
    source.next(some[0]!);
    await operator.close();
    await operator.close();
    expect(calls).toEqual(['write', 'close']);
    expect(operator.stats()).toMatchObject({ lines: 1, missing: 0, ended: 'closed' });
    const other = recording(sink);
    other.source.complete();
    await other.operator.close();
    expect(calls).toEqual(['write', 'close', 'write', 'close']);
  });

  test('can be closed while the events go on', async () => {
    const sink: string[] = [];
    const { operator, source, seen } = recording(sink);
    source.next(some[0]!);
    await operator.close();
    source.next(some[1]!);
    expect([sink.length, seen.length]).toEqual([2, 2]);
  });

  test('has one subscriber, and tells of others', () => {
    const sink: string[] = [];
    const failed = jest.fn<(error: unknown) => void>();
    const { operator, source } = recording(sink, { failed });
    const second: Envelope[] = [];
    source.pipe(operator).subscribe((event) => second.push(event));
    source.next(some[0]!);
    expect([sink.length, second.length]).toEqual([2, 1]);
    expect(String(failed.mock.calls)).toContain('A recording has one subscriber');
  });

  test('passes errors on', () => {
    let caught: unknown;
    const operator = record([]);
    of(some[0]!)
      .pipe(concatWith(throwError(() => 'why')), operator)
      .subscribe({ error: (error: unknown) => (caught = error) });
    expect(caught).toBe('why');
  });
});

describe('a sink that fails', () => {
  test('harms no event: it is told once, and counted', () => {
    const failed = jest.fn();
    const sink = {
      write() {
        throw new Error('full disk');
      },
    };
    const { operator, source, seen } = recording(sink, { failed });
    for (const event of some) source.next(event);
    expect(seen).toEqual(some);
    expect(failed.mock.calls).toEqual([[new Error('full disk')]]);
    expect(operator.stats()).toMatchObject({ lines: 0, missing: 3 });
    expect(operator.stats().failures).toBeGreaterThanOrEqual(4);
  });

  test('says what is missing when it works again, and is told again when it fails again', () => {
    const failed = jest.fn();
    const written: string[] = [];
    let works = false;
    const sink = {
      push(line: string) {
        if (!works) throw new Error('no');
        written.push(line);
      },
    };
    const { operator, source } = recording(sink, { failed });
    for (const step of [false, true, false, false, true, false, true]) {
      works = step;
      source.next(some[0]!);
    }
    const { entries } = readRecording(written.join(''));
    expect(entries.map(({ dir, note }) => note ?? dir)).toEqual([
      'Lines that the sink did not take are missing here: 1.',
      'in',
      'Lines that the sink did not take are missing here: 2.',
      'in',
      'Lines that the sink did not take are missing here: 1.',
      'in',
    ]);
    expect(operator.stats()).toMatchObject({ lines: 7, missing: 4 });
    expect(failed).toHaveBeenCalledTimes(3);
  });

  test('may reject, now or when it is closed', async () => {
    const failed = jest.fn();
    const sink = {
      write: () => Promise.reject(new Error('late')),
      close: () => Promise.reject(new Error('later')),
    };
    const { operator, source, seen } = recording(sink, { failed });
    source.next(some[0]!);
    await until(() => failed.mock.calls.length > 0);
    await operator.close();
    expect(seen).toHaveLength(1);
    expect(operator.stats().failures).toBe(3);
    expect(failed.mock.calls).toEqual([[new Error('late')]]);
  });

  test('is written to the log if nothing listens; a listener and a log may throw', () => {
    const error = jest.spyOn(console, 'error').mockImplementation(() => {});
    const cause = new Error('no');
    const sink = {
      write() {
        throw cause;
      },
    };
    recording(sink).source.next(some[0]!);
    const thrown = new Error('mine');
    const failed = () => {
      throw thrown;
    };
    const { source, seen } = recording(sink, { failed });
    source.next(some[0]!);
    expect(seen).toHaveLength(1);
    expect(error.mock.calls).toEqual([
      ['codex-rx: the recording failed: no', cause],
      ['codex-rx: the "failed" callback threw: mine', thrown],
    ]);
    const log = { warn: failed, error: failed };
    const deaf = recording(sink, { log });
    deaf.source.next(some[0]!);
    expect(deaf.seen).toHaveLength(1);
  });

  test('may be a stream of Node that dies: it ends no process', async () => {
    const failed = jest.fn();
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        done(new Error('EPIPE'));
      },
    });
    const { operator, source, seen } = recording(stream, { failed });
    await until(() => failed.mock.calls.length > 0);
    for (const event of some) source.next(event);
    expect(seen).toEqual(some);
    expect(operator.stats()).toMatchObject({ missing: 3 });
    expect(failed).toHaveBeenCalledTimes(1);
  });

  test('does not hear of an event that is no JSON, which is told', () => {
    const failed = jest.fn();
    const sink: string[] = [];
    const { operator, source, seen } = recording(sink, { failed });
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    source.next(envelope('circle', circle));
    source.next(some[0]!);
    expect(seen).toHaveLength(2);
    expect(sink).toHaveLength(2);
    expect(operator.stats()).toMatchObject({ missing: 1, failures: 1 });
    expect(String(failed.mock.calls)).toContain('circular');
  });
});

describe('the limits of a recording', () => {
  test('a stream of Node that nobody reads is not filled without end', async () => {
    const stream = new PassThrough({ highWaterMark: 10 });
    const { operator, source, seen } = recording(stream, { maxWaitingBytes: 2_000 });
    for (let i = 0; i < 100; i++) source.next(some[0]!);
    expect(seen).toHaveLength(100);
    expect(stream.writableLength + stream.readableLength).toBeLessThan(3_000);
    const { missing } = operator.stats();
    expect(missing).toBeGreaterThan(50);
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await until(() => stream.writableLength === 0);
    source.next(some[1]!);
    await until(() => text.includes('"id":0') || text.includes('"requestId":0'));
    const { entries } = readRecording(text);
    expect(entries.at(-2)?.note).toBe(
      `Lines that the sink did not take are missing here: ${missing}.`,
    );
    expect(entries.filter(({ dir }) => dir === 'in')).toHaveLength(101 - missing);
  });

  test('a sink that answers later is waited for', async () => {
    const answers: (() => void)[] = [];
    const sink = { write: () => new Promise<void>((resolve) => answers.push(resolve)) };
    const { operator, source } = recording(sink, { maxWaitingBytes: 1_000 });
    for (let i = 0; i < 20; i++) source.next(some[0]!);
    const { lines, missing } = operator.stats();
    expect(lines).toBeLessThan(10);
    expect(lines + missing).toBe(21);
    for (const answer of answers.splice(0)) answer();
    await Promise.resolve();
    source.next(some[0]!);
    expect(operator.stats()).toMatchObject({ lines: lines + 2, missing });
  });

  test('it ends before it is larger than it may be, and says so', async () => {
    const sink: string[] = [];
    const failed = jest.fn();
    const close = jest.fn();
    const { operator, source, seen } = recording(
      { write: (line: string) => sink.push(line), close },
      { maxBytes: 3_000, failed },
    );
    for (let i = 0; i < 100; i++) source.next(some[2]!);
    expect(seen).toHaveLength(100);
    const bytes = Buffer.byteLength(sink.join(''));
    expect(bytes).toBeLessThanOrEqual(3_000);
    expect(bytes).toBeGreaterThan(2_500);
    expect(operator.stats()).toMatchObject({ bytes, lines: sink.length, ended: 'full' });
    expect(operator.stats().missing).toBe(102 - sink.length);
    expect(close).toHaveBeenCalledTimes(1);
    expect(String(failed.mock.calls)).toContain('The recording is full: it may have 3000 bytes.');
    const { entries } = readRecording(sink.join(''));
    expect(entries.at(-1)?.note).toBe('The recording ends here: it may have 3000 bytes.');
    await operator.close();
    expect(operator.stats().ended).toBe('full');
  });

  test('a frame that is too large is a note of its size', () => {
    const sink: string[] = [];
    const { operator, source } = recording(sink, { maxFrameBytes: 400 });
    source.next(envelope('a', 'x'.repeat(300)));
    source.next(envelope('b', '€'.repeat(300)));
    const { entries } = readRecording(sink.join(''));
    expect(entries).toMatchObject([
      { dir: 'in' },
      {
        dir: 'note',
        sock: 'events',
        note: 'A frame that came in is left out: 941 bytes.',
        bytes: 941,
      },
    ]);
    expect(operator.stats().missing).toBe(1);
  });

  test.each<[() => unknown, string]>([
    [() => record(5 as never), '"sink" must be something with "write" or "push".'],
    [() => record([], { maxBytes: -1 }), '"maxBytes" must be a number, 0 or more, not -1.'],
    [() => record([], { redact: true as never }), '"redact" must be made by redact().'],
    [() => record([], { failed: 5 as never }), '"failed" must be a function.'],
  ])('what is wrong is told at the call: %#', (call, message) => {
    expect(call).toThrow(new TypeError(message));
  });
});

describe('what a recording cuts out', () => {
  test('is told, and in its header', async () => {
    const sink: string[] = [];
    const redaction = redact();
    const operator = record(sink, { redact: redaction });
    await lastValueFrom(of(envelope('a', { mail: 'ada@example.com' })).pipe(operator));
    await operator.close();
    expect(readRecording(sink.join('')).header.redacted).toBe(true);
    expect(sink[1]).toContain('"mail":"<email 1>"');
    expect(operator.stats().redacted).toEqual([{ rule: 'email', count: 1 }]);
    expect(operator.stats().redacted).toEqual(redaction.report());
  });

  test('may hold lines back for a while: they come when nothing else does', () => {
    marbles(({ cold, flush }) => {
      const sink: string[] = [];
      const delta = (text: string) =>
        notification('item/agentMessage/delta', { ...ids, itemId: 'i', delta: text });
      cold('a-b 3s c', { a: delta('Hel'), b: delta('lo'), c: delta('!') })
        .pipe(record(sink, { redact: redact() }))
        .subscribe();
      const written: number[] = [];
      cold('-a 1s b 2s c', { a: 0, b: 0, c: 0 }).subscribe(() => written.push(sink.length));
      flush();
      expect(written).toEqual([1, 1, 3]);
      expect(sink).toHaveLength(4);
      expect(readRecording(sink.join('')).entries.map(({ t }) => t)).toEqual([0, 2, 3003]);
    });
  });
});
