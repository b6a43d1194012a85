import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { ofAppServer, type Envelope } from 'codex-rx';
import {
  readRecording,
  RecordingError,
  replay,
  type MalformedLine,
  type RecordingSource,
  type ReplayOptions,
} from 'codex-rx/recording';
import { marbles } from 'codex-rx/testing';
import { readdirSync, readFileSync } from 'node:fs';
import {
  lastValueFrom,
  map,
  of,
  Subject,
  take,
  throwError,
  toArray,
  VirtualTimeScheduler,
} from 'rxjs';
import { until } from '../support/until.js';
import { header, lines, received } from './text.js';

afterEach(() => {
  jest.restoreAllMocks();
});

const event = (type: string) => ({ type, threadId: null, payload: null });
const at = (...times: readonly (readonly [t: number, type: string, sock?: string])[]) =>
  lines(...times.map(([t, type, sock]) => received(t, event(type), sock)));

const abc = header() + at([500, 'a'], [503, 'b'], [504, 'c']);

/** The types of all events, as fast as can be. */
const types = (source: RecordingSource, options: ReplayOptions = {}): Promise<string[]> =>
  lastValueFrom(
    replay(source, { speed: Infinity, ...options }).pipe(
      map(({ type }) => type),
      toArray(),
    ),
  );

async function* pieces<T>(...values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

describe('replay', () => {
  test('tells the events at their distances, from the first one on', () => {
    marbles(({ expectObservable }) => {
      const type$ = replay(abc).pipe(map(({ type }) => type));
      expectObservable(type$).toBe('   a--b(c|)');
      expectObservable(type$, '--^').toBe('--a--b(c|)');
    });
  });

  test('is as many times as fast as it is told', () => {
    marbles(({ expectObservable }) => {
      const text = header() + at([0, 'a'], [30, 'b'], [40, 'c']);
      const by = (speed: number) => replay(text, { speed }).pipe(map(({ type }) => type));
      expectObservable(by(10)).toBe('      a--b(c|)');
      expectObservable(by(0.5)).toBe('     a 59ms b 19ms (c|)');
      expectObservable(by(Infinity)).toBe('(abc|)');
    });
  });

  test('takes its time from a scheduler of the caller', () => {
    const scheduler = new VirtualTimeScheduler();
    const seen: unknown[] = [];
    replay(abc, { scheduler, speed: 0.1 }).subscribe(({ type }) =>
      seen.push([scheduler.now(), type]),
    );
    expect(seen).toEqual([]);
    scheduler.flush();
    expect(seen).toEqual([
      [0, 'a'],
      [30, 'b'],
      [40, 'c'],
    ]);
  });

  test('waits for longer than a timer can', () => {
    const scheduler = new VirtualTimeScheduler();
    scheduler.maxFrames = Infinity;
    const schedule = jest.spyOn(scheduler, 'schedule');
    const seen: unknown[] = [];
    const late = 2 ** 33;
    replay(header() + at([0, 'a'], [late, 'b']), { scheduler }).subscribe(() => {
      seen.push(scheduler.now());
    });
    scheduler.flush();
    expect(seen).toEqual([0, late]);
    expect(schedule.mock.calls.length).toBeGreaterThan(2);
    for (const [, delay] of schedule.mock.calls) expect(delay).toBeLessThan(2 ** 31);
  });

  test('tells what came before its time at once, in the order of the lines', async () => {
    const text = header() + at([5, 'a'], [900_000, 'b'], [3, 'c']);
    expect(await types(text, { speed: 1e9 })).toEqual(['a', 'b', 'c']);
  });

  test('skips what is no event: other directions, control frames, calls of the client', async () => {
    const text =
      header() +
      lines(
        { t: 0, sock: '1', dir: 'open' },
        received(1, { type: 'ready', threadId: null }),
        { t: 2, sock: '1', dir: 'out', frame: { type: 'ping' } },
        received(2, { type: 'pong' }),
        received(3, event('a')),
        { t: 4, dir: 'note', note: 'x', text: '{' },
        { t: 5, dir: 'http', method: 'GET', frame: event('no') },
        received(5, { type: 'error', message: 'no' }),
        received(5, { type: 'error', payload: 'an event' }),
        { t: 6, sock: '1', dir: 'close', code: 1005 },
      );
    expect(await types(text)).toEqual(['a', 'error']);
  });

  test('replays one socket alone, if it is asked to', async () => {
    const text = header() + at([0, 'a', 'x'], [1, 'a', 'y'], [2, 'b', 'x']);
    expect(await types(text)).toEqual(['a', 'a', 'b']);
    expect(await types(text, { sock: 'x' })).toEqual(['a', 'b']);
  });

  test.each<[string, () => RecordingSource]>([
    ['text', () => abc],
    ['what readRecording made of it', () => readRecording(abc)],
    ['its entries', () => [readRecording(abc).header, ...readRecording(abc).entries]],
    ['lines in an array', () => abc.trim().split('\n')],
    ['lines of an async iterable', () => pieces(...abc.trim().split('\n'))],
    ['lines with their newlines', () => pieces(...abc.split(/(?<=\n)/))],
    [
      'several lines in a piece',
      () => pieces(abc.slice(0, abc.indexOf('\n') + 1), at([1, 'a'], [2, 'b']), '', at([3, 'c'])),
    ],
    ['an Observable', () => of(...abc.split('\n'))],
    ['a promise', () => Promise.resolve(abc)],
    ['a stream of the web', () => ReadableStream.from(abc.split('\n')) as never],
  ])('takes %s', async (_, source) => {
    expect(await types(source())).toEqual(['a', 'b', 'c']);
  });

  test('takes an Observable whose lines come later, and holds what is not due', () => {
    marbles(({ cold, expectObservable }) => {
      const line = (t: number, type: string) => at([t, type]);
      const source = cold('h-a-bc------|', {
        h: header(),
        a: line(0, 'a'),
        b: line(1, 'b'),
        c: line(6, 'c'),
      });
      expectObservable(replay(source).pipe(map(({ type }) => type))).toBe('--a-b---c---|');
      expectObservable(replay(cold<string>('--#', {}))).toBe('--#');
    });
  });

  test('asks an async iterable for no more than is due, and closes it with its subscriber', async () => {
    let asked = 0;
    let closed = false;
    async function* endless() {
      try {
        yield header();
        for (;;) yield await Promise.resolve(at([asked++ * 1_000_000, 'a']));
      } finally {
        closed = true;
      }
    }
    const first = replay(endless()).pipe(take(2)).subscribe();
    await until(() => asked === 2);
    first.unsubscribe();
    await until(() => closed);
    expect(asked).toBe(2);
    asked = 0;
    closed = false;
    await lastValueFrom(replay(endless(), { speed: Infinity }).pipe(take(5)));
    await until(() => closed);
    expect(asked).toBeLessThanOrEqual(6);
  });

  test('reads on after nobody listens no more than it must', async () => {
    const source = new Subject<string>();
    const replayed = replay(source).subscribe();
    await until(() => source.observed);
    replayed.unsubscribe();
    expect(source.observed).toBe(false);
  });

  test.each([
    ['text', (text: string): RecordingSource => text],
    ['lines one by one', (text: string): RecordingSource => pieces(...text.split(/(?<=\n)/))],
  ])('lets others have their turn, however much there is: %s', async (_, sourceOf) => {
    const count = 50_000;
    let seen = 0;
    let turns = 0;
    const text = header() + at([0, 'a']).repeat(count);
    const sourced = sourceOf(text);
    const others = setInterval(() => turns++, 1);
    await lastValueFrom(replay(sourced, { speed: Infinity }).pipe(map(() => ++seen)));
    clearInterval(others);
    expect(seen).toBe(count);
    expect(turns).toBeGreaterThan(3);
  });

  test('ends in an error that names the line, if the recording is damaged', async () => {
    const text = `${abc}{"t":5,"dir\n${at([6, 'd'])}`;
    const seen: string[] = [];
    const failed = lastValueFrom(
      replay(text, { speed: Infinity }).pipe(map((e) => seen.push(e.type))),
    );
    await expect(failed).rejects.toBeInstanceOf(RecordingError);
    await expect(failed).rejects.toMatchObject({
      line: 5,
      message: 'Line 5 of the recording is not JSON. It begins: {"t":5,"dir',
    });
    expect(seen).toEqual(['a', 'b', 'c']);
    await expect(types('')).rejects.toThrow('Line 1 of the recording is no header');
    await expect(types([])).rejects.toThrow('Line 1 of the recording is no header');
    await expect(types(readRecording(abc).entries)).rejects.toThrow('is no header');
    await expect(types(pieces('x'))).rejects.toThrow('Line 1 of the recording is not JSON');
    await expect(types(header('codex-manager', { version: 3 }))).rejects.toThrow('is of version 3');
    await expect(types(pieces(abc, '{"t":', at([1, 'x'])))).rejects.toThrow(
      'Line 5 of the recording',
    );
    await expect(types(throwError(() => new Error('gone')))).rejects.toThrow('gone');
    async function* failing() {
      yield await Promise.resolve(abc);
      throw new Error('torn');
    }
    await expect(types(failing())).rejects.toThrow('torn');
  });

  test('tells what it cannot read, as a stream does, and goes on', async () => {
    const told: MalformedLine[] = [];
    const text =
      header() +
      lines(
        { t: 0, sock: '1', dir: 'in', text: '{"type":' },
        received(1, [1]),
        { t: 1, sock: '1', dir: 'in' },
        received(2, event('a')),
        received(3, { type: 1 }),
      );
    const options = { malformed: (line: MalformedLine) => told.push(line) };
    expect(await types(`${text}{"t":4,"di`, options)).toEqual(['a']);
    expect(told.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      '2 not-json',
      '3 not-an-object',
      '4 not-an-object',
      '6 no-type',
      '7 cut',
    ]);
    expect(told[0]!.message).toBe('The frame is no envelope (not-json). It begins: {"type":');
    expect(told[4]!.message).toBe('The last line of the recording is cut off.');
    told.length = 0;
    expect(await types(readRecording(`${abc}{`), options)).toEqual(['a', 'b', 'c']);
    expect(await types(pieces(abc, '{'), options)).toEqual(['a', 'b', 'c']);
    expect(told.map(({ reason }) => reason)).toEqual(['cut', 'cut']);
  });

  test('warns of the first if nobody listens, and outlives a listener that throws', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const error = jest.spyOn(console, 'error').mockImplementation(() => {});
    const text = header() + lines(received(0, 1), received(0, 2)) + at([1, 'a']);
    expect(await types(text)).toEqual(['a']);
    expect(warn.mock.calls).toEqual([
      [
        'codex-rx: Line 2 of the recording could not be read: ' +
          'The frame is no envelope (not-an-object). It begins: 1',
      ],
    ]);
    const cause = new Error('mine');
    const malformed = () => {
      throw cause;
    };
    expect(await types(text, { malformed })).toEqual(['a']);
    expect(error.mock.calls).toEqual([
      ['codex-rx: the "malformed" callback threw: mine', cause],
      ['codex-rx: the "malformed" callback threw: mine', cause],
    ]);
    warn.mockClear();
    expect(await types(text, { log: false })).toEqual(['a']);
    expect(await types(text, { log: { warn: malformed, error: malformed } })).toEqual(['a']);
    expect(warn).not.toHaveBeenCalled();
  });

  test.each<[() => unknown, string]>([
    [
      () => replay(undefined as never),
      '"recording" must be the text, the lines or the entries of a recording.',
    ],
    [() => replay(5 as never), '"recording" must be'],
    [() => replay('', { speed: 0 }), '"speed" must be a number above 0.'],
    [() => replay('', { speed: NaN }), '"speed" must be'],
    [() => replay('', { speed: '2' as never }), '"speed" must be'],
  ])('says at the call what is wrong: %#', (call, message) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });
});

describe('replay of codex app-server', () => {
  const message = (t: number, method: string, params = {}, id?: number) =>
    received(t, id === undefined ? { method, params } : { method, id, params });

  test('makes events of its messages, at the times at which they came', async () => {
    const text =
      header('app-server') +
      lines(
        received(0, { id: 1, result: {} }),
        message(250, 'turn/started', { threadId: 't', turn: { id: 'u' } }),
        message(251, 'item/tool/call', { threadId: 't', turnId: 'u', callId: 'c' }, 0),
        received(252, { id: 2, error: { code: 1, message: 'no' } }),
      );
    const events = await lastValueFrom(replay(text, { speed: Infinity }).pipe(toArray()));
    expect(events).toMatchObject([
      {
        type: 'app_server.turn.started',
        threadId: 't',
        turnId: 'u',
        payload: { receivedAt: '2026-11-22T15:00:00.250Z' },
      },
      { type: 'app_server.request.item.tool.call', requestId: 0 },
    ]);
    expect(await lastValueFrom(replay(text, { speed: Infinity }).pipe(toArray()))).toEqual(events);
  });

  test('tells a request once that the server has sent again', async () => {
    const asked = (t: number, callId: string) =>
      message(t, 'item/tool/call', { threadId: 't', turnId: 'u', callId }, 0);
    const text = header('app-server') + lines(asked(0, 'c'), asked(9, 'c'), asked(10, 'd'));
    expect(await types(text)).toHaveLength(2);
  });

  test('tells what is no message, and keeps long ids', async () => {
    const told: string[] = [];
    const text =
      header('app-server') +
      lines(received(0, { id: 1 }), { t: 0, sock: '1', dir: 'in', text: 'no' }) +
      '{"t":0,"sock":"1","dir":"in","frame":{"method":"x/y","id":9007199254740993,"params":{}}}\n';
    const events = await lastValueFrom(
      replay(text, { speed: Infinity, malformed: ({ reason }) => told.push(reason) }).pipe(
        toArray(),
      ),
    );
    expect(told).toEqual(['no-type', 'not-json']);
    expect(events[0]?.requestId).toBe('9007199254740993');
  });

  const folder = new URL('../recordings/app-server/', import.meta.url);
  test.each(readdirSync(folder))('replays the recording %s to its last turn', async (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const malformed: MalformedLine[] = [];
    const events: Envelope[] = await lastValueFrom(
      replay(text, { speed: Infinity, malformed: (line) => malformed.push(line) }).pipe(toArray()),
    );
    expect(malformed).toEqual([]);
    const isMessage = ({ frame }: { frame?: unknown }) => 'method' in Object(frame);
    const sent = readRecording(text).entries.filter(
      (entry) => entry.dir === 'in' && isMessage(entry),
    );
    expect(events.length).toBeGreaterThan(10);
    expect(events.length).toBeLessThanOrEqual(sent.length);
    expect(events.filter((e) => ofAppServer('turn/completed').test(e)).length).toBeGreaterThan(0);
  });
});
