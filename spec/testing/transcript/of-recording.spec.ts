import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, type CodexStream, type Envelope } from 'codex-rx';
import { connectAppServer, type AppServerStream } from 'codex-rx/node';
import {
  startProcessTranscript,
  startTranscript,
  transcriptOf,
  type TranscriptEntry,
  type Wildcard,
} from 'codex-rx/testing/transcript';
import { text } from '../../../lib/testing/transcript/frame-match.js';
import { until } from '../../support/until.js';
import { entriesOf, recordedSocks } from '../servers/recorded-entries.js';
import { answerRequest } from '../../support/open-requests.js';

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

interface Frame {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/**
 * Without what this library does not do: it answers nothing that is settled, or that it was never asked;
 * and without a race of two answers.
 */
const polite = (entries: readonly TranscriptEntry[]) =>
  entries.filter(({ dir, frame, body }) => {
    const { id, result } = Object(frame) as Frame;
    const isAnswer = dir === 'out' && result !== undefined;
    const isRace = (Object(body) as { text?: unknown }).text === 'open again';
    return !isRace && !(isAnswer && id !== undefined && unanswerable.includes(id));
  });

/** Ids of requests in the recordings, whose answers came too late, or from somebody who was not asked. */
const unanswerable: readonly number[] = [15, 16, 18];

const outOf = (entries: readonly TranscriptEntry[], sock: string | undefined) =>
  entries
    .filter((entry) => entry.dir === 'out' && entry.sock === sock)
    .map(({ frame }) => frame as Frame);

/** What a stream has been asked, and how many events it had. */
function watch(stream: CodexStream) {
  const events: Envelope[] = [];
  stream.events$.subscribe((event) => events.push(event));
  return events;
}

/** Does what the client of a recording did: the same calls with the same answers, in the same order. */
async function drive(stream: AppServerStream, frames: readonly Frame[], changed: object = {}) {
  const events = watch(stream);
  await stream.connect();
  const calls: Promise<unknown>[] = [];
  for (const { id, method, params, result } of frames) {
    if (method === 'initialize' || method === 'initialized') continue;
    if (method !== undefined) {
      const call = stream.call as (...args: unknown[]) => Promise<unknown>;
      calls.push(call(method, { ...(params as object), ...changed }).catch(() => undefined));
    } else {
      const asked = () => events.find((event) => event.requestId === id && isAsked(event));
      await until(() => asked() !== undefined);
      answerRequest(stream, asked() as never, result as never);
    }
  }
  return events;
}

const isAsked = ({ type }: Envelope) => type.startsWith('app_server.request.');

const inputOf = (entries: readonly TranscriptEntry[], sock: string | undefined) =>
  entries.filter((entry) => entry.dir === 'in' && entry.sock === sock);

describe('the recordings of codex app-server are transcripts that connectAppServer keeps to', () => {
  const options = { reconnect: false, client: { name: 'x' }, experimental: true } as const;

  test.each(recordedSocks('app-server'))('%s, client %s', async (file, sock) => {
    const entries = polite(entriesOf('app-server', file));
    const server = await startTranscript(transcriptOf(entries, sock === undefined ? {} : { sock }));
    const stream = connectAppServer({ url: server.url, ...options });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    const [events] = await Promise.all([drive(stream, outOf(entries, sock)), server.done()]);
    const sent = inputOf(entries, sock).filter(({ frame }) => (frame as Frame).method);
    await until(() => stream.metrics().received === inputOf(entries, sock).length);
    expect(events.length).toBeGreaterThan(sent.length / 2);
  });

  test('over stdio too', async () => {
    const entries = entriesOf('app-server', 'shell-approval-accept.jsonl');
    const steps = transcriptOf(entries, { over: 'stdio' });
    expect(steps.at(-1)).toMatchObject({ does: 'exits', how: 0 });
    const server = await startProcessTranscript(steps);
    const stream = connectAppServer({ process: server.process, ...options });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    await Promise.all([drive(stream, outOf(entries, entries[0]?.sock)), server.done()]);
  });

  test('a client that calls with something else does not keep to it', async () => {
    const entries = entriesOf('app-server', 'plain.jsonl');
    const server = await startTranscript(transcriptOf(entries));
    const stream = connectAppServer({ url: server.url, ...options });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    void drive(stream, outOf(entries, entries[0]?.sock), { more: 1 }).catch(() => undefined);
    await expect(server.done()).rejects.toThrow('  - params.more: nothing\n  + params.more: 1');
  });

  test('two clients that came one after the other are two connections', async () => {
    const entries = entriesOf('app-server', 'pending-disconnect.jsonl');
    const steps = transcriptOf(entries, { sock: ['A', 'B'] });
    expect(steps.filter(({ does }) => does === 'connects' || does === 'closes')).toMatchObject([
      { does: 'closes', code: 1006 },
      { does: 'connects' },
      { does: 'closes', code: 1006 },
    ]);
    const server = await startTranscript(steps);
    closings.push(() => server.close());
    for (const sock of ['A', 'B']) {
      const stream = connectAppServer({ url: server.url, ...options });
      closings.push(() => stream.close());
      await drive(stream, outOf(entries, sock));
      await until(() => stream.metrics().received === inputOf(entries, sock).length);
      await stream.close();
    }
    await server.done();
  });
});

/** Sockets that did what connectManager never does: bad commands, and 100 MiB. */
const broken = ['06-invalid-frames.jsonl'];

describe('the recordings of codex-manager are transcripts that connectManager keeps to', () => {
  const recorded = recordedSocks('codex-manager').filter(([file]) => !broken.includes(file));

  test.each(recorded)('%s, socket %s', async (file, sock) => {
    const entries = polite(entriesOf('codex-manager', file));
    // `subscribe` is what this library says with the url.
    const isSilent = ({ dir }: TranscriptEntry) => dir !== 'out';
    const server = await startTranscript(transcriptOf(entries.filter(isSilent), { sock: sock! }));
    const stream = connectManager({ url: server.url, reconnect: false, resync: false });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    watch(stream);
    void stream.connect();
    const done = server.done();
    done.catch(() => undefined);
    const calls = entries.filter(({ dir }) => dir === 'http');
    for (const { method, path = '', body } of calls) {
      if (method === 'POST') await stream.rest(path, body as object).catch(() => undefined);
      else await fetch(server.url + path, { method: method! }).catch(() => undefined);
    }
    await done;
    await until(() => stream.metrics().received === inputOf(entries, sock).length);
    expect(stream.metrics().malformed).toBe(0);
  });

  test('without the calls of the REST API, the frames alone', async () => {
    const entries = entriesOf('codex-manager', '08-disconnect-pending-reconnect.jsonl');
    const steps = transcriptOf(entries, { sock: ['before', 'after'], rest: false });
    const server = await startTranscript(steps);
    const stream = connectManager({
      url: server.url,
      resync: false,
      reconnect: { base: 1, cap: 1 },
    });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    const gaps: unknown[] = [];
    stream.gaps$.subscribe((gap) => gaps.push(gap));
    await stream.connect();
    await server.done();
    await until(() => gaps.length === 1);
  });

  test('an answer in another place than the recorded one is told', async () => {
    const entries = entriesOf('codex-manager', '02-shell-approval.jsonl');
    const server = await startTranscript(transcriptOf(entries));
    const stream = connectManager({ url: server.url, reconnect: false });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    void stream.connect();
    void stream.rest('/api/sessions', { cwd: '/elsewhere' }).catch(() => undefined);
    await expect(server.done()).rejects.toThrow('- body.cwd: "/workspace"');
  });
});

describe('transcriptOf', () => {
  const uuid = (n: number) => `01a203dc-661a-7ee0-8c88-00000000000${n}`;

  test('has the client make up its own uuids and times, which the server follows', () => {
    const entries: TranscriptEntry[] = [
      { dir: 'in', frame: { method: 'x', params: { known: uuid(1), at: '2026-11-22T15:10:10Z' } } },
      {
        dir: 'out',
        frame: {
          id: 7,
          method: 'y',
          params: {
            known: uuid(1),
            own: uuid(2),
            path: `/a.b/${uuid(1)}/${uuid(2)}`,
            at: '2026-11-22T15:10:10Z',
            now: '2026-11-22T15:10:11.5Z',
            startedAtMs: 1_795_360_210_000,
            retryAt: 5,
          },
        },
      },
      { dir: 'in', frame: { id: 7, result: [uuid(2), uuid(1)] } },
    ];
    const isUuid = '<string matching /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/>';
    const [, out, answer] = transcriptOf(entries);
    const { id, params } = (out as { frame: Record<symbol, Record<string, object>> }).frame[
      Symbol.for('codex-rx.exactly')
    ]!;
    const { path, own, ...others } = params as Record<string, object>;
    expect([text(id), text((own as { like: unknown }).like)]).toEqual([
      '<captured call 7>',
      isUuid,
    ]);
    expect(text(own)).toBe(`<captured ${uuid(2)}>`);
    expect(text(others)).toMatch(
      /^{"known":".*1","at":"2026-11-22T15:10:10Z","now":<string matching .*>,"startedAtMs":<any number>,"retryAt":5}$/,
    );
    const matches = (value: string) => (path as unknown as Wildcard).asymmetricMatch(value);
    expect(matches(`/a.b/${uuid(1)}/${uuid(9)}`)).toBe(true);
    expect(matches(`/a.b/${uuid(9)}/${uuid(9)}`)).toBe(false);
    expect(matches(`/axb/${uuid(1)}/${uuid(9)}`)).toBe(false);
    expect(text((answer as { frame: unknown }).frame)).toBe(
      `{"id":<captured call 7>,"result":[<captured ${uuid(2)}>,"${uuid(1)}"]}`,
    );
  });

  test('keeps what the client made up its own, though the server has said it since', () => {
    const frame = { own: uuid(2) };
    const steps = transcriptOf([
      { dir: 'out', frame },
      { dir: 'in', frame },
      { dir: 'out', frame },
    ]);
    const shown = steps.map((step) => text('frame' in step ? step.frame : null));
    expect(shown).toEqual(steps.map(() => `{"own":<captured ${uuid(2)}>}`));
  });

  test('expects a call when it began, and answers it when it was answered', () => {
    const steps = transcriptOf([
      { dir: 'in', t: 5, frame: { n: 1 } },
      { dir: 'http', t: 9, ms: 6, method: 'POST', path: '/x', body: {}, status: 202, response: {} },
      { dir: 'in', t: 9, frame: { n: 2 } },
    ]);
    expect(steps.map(({ does }) => does)).toEqual(['expectsRest', 'emits', 'replies', 'emits']);
  });

  test('plays what is not JSON as it is', () => {
    expect(
      transcriptOf([{ dir: 'out', text: '' }, { dir: 'in', text: 'x' }, { dir: 'note' }]),
    ).toMatchObject([
      { does: 'expects', frame: '' },
      { does: 'emitsText', data: 'x' },
    ]);
  });

  test('begins a connection when another socket speaks, though the last one was not closed', () => {
    const frame = { type: 'ready' };
    const steps = transcriptOf(
      [
        { dir: 'in', sock: 'a', frame },
        { dir: 'in', sock: 'b', frame },
        { dir: 'close', sock: 'b', code: 1000 },
        { dir: 'close', sock: 'b', code: 1000 },
      ],
      { sock: ['a', 'b'] },
    );
    expect(steps.map(({ does }) => does)).toEqual([
      'emits',
      'closes',
      'connects',
      'emits',
      'closes',
    ]);
  });

  test('names the sockets that there are', () => {
    const entries = entriesOf('codex-manager', '05-filtered-vs-unfiltered.jsonl');
    expect(() => transcriptOf(entries)).toThrow(
      '"sock" must be one of unfiltered, filteredA-query',
    );
    expect(() => transcriptOf(entries, { sock: 'x' })).toThrow(', not x.');
  });
});
