import { afterEach, describe, expect, test } from '@jest/globals';
import {
  connectManager,
  ofAppServerRequest,
  ofType,
  parseEnvelope,
  type CodexStream,
  type Envelope,
  openWebSocket,
} from 'codex-rx';
import { connectAppServer, readRecordingFile, writeRecordingFile } from 'codex-rx/node';
import { readRecording, record, recordTransport, redact, replay } from 'codex-rx/recording';
import { notification, startFakeAppServer, startStreamServer } from 'codex-rx/testing';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { serveSession } from '../../lib/cli/serve-session.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { until } from '../support/until.js';

const closables: { close(): Promise<unknown> }[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const closable of closables.splice(0).reverse()) await closable.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

function closing<T extends { close(): Promise<unknown> }>(closable: T): T {
  closables.push(closable);
  return closable;
}

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'codex-rx-recording-'));
  folders.push(folder);
  return join(folder, 'session.jsonl');
}

function collect(stream: CodexStream): Envelope[] {
  const events: Envelope[] = [];
  stream.events$.subscribe((event) => events.push(event));
  return events;
}

const replayed = (path: string): Promise<Envelope[]> =>
  lastValueFrom(replay(readRecordingFile(path), { speed: Infinity }).pipe(toArray()));

const demo = readRecording(await readFile('lib/cli/demo.jsonl', 'utf8'));

describe('a session with codex-manager', () => {
  test('is recorded from its wire and from its events, and both replay as it was', async () => {
    const server = closing(await startStreamServer());
    const [wirePath, eventPath] = [await newFile(), await newFile()];
    const wire = recordTransport(openWebSocket, writeRecordingFile(wirePath), { redact: redact() });
    const stream = closing(connectManager({ url: server.url, transport: wire }));
    const events = collect(stream);
    const recorder = record(writeRecordingFile(eventPath), { redact: redact() });
    stream.events$.pipe(recorder).subscribe();
    await stream.connect();
    await server.play(demo);
    for (const socket of server.sockets) socket.sendRaw('{ no JSON');
    await until(() => events.length === demo.entries.length && stream.metrics().malformed === 1);
    await stream.close();
    await Promise.all([wire.close(), recorder.close()]);

    expect(await replayed(eventPath)).toEqual(events);
    const malformed: string[] = [];
    const fromWire = replay(readRecordingFile(wirePath), {
      speed: Infinity,
      malformed: ({ reason }) => malformed.push(reason),
    });
    expect(await lastValueFrom(fromWire.pipe(toArray()))).toEqual(events);
    expect(malformed).toEqual(['not-json']);
    expect(wire.stats()).toMatchObject({ missing: 0, failures: 0 });
    // One file drives it all: a spec as here, the server of the kit, and the server of the command.
    const again = closing(await startStreamServer());
    const other = closing(connectManager({ url: again.url }));
    const seen = collect(other);
    await other.connect();
    await again.play(readRecording(await readFile(eventPath, 'utf8')));
    await until(() => seen.length === events.length);
    expect(seen).toEqual(events);
  });

  test('is served by the command as it was recorded, to each client', async () => {
    const { terminal, written, interrupt } = fakeTerminal();
    const served = { file: 'lib/cli/demo.jsonl', port: 0, options: { speed: Infinity } };
    const serving = serveSession(served, terminal, () => undefined);
    await until(() => written.out !== '');
    const url = /http:\S+/.exec(written.out)![0];
    const streams = [1, 2].map(() => closing(connectManager({ url })));
    const seen = streams.map(collect);
    await Promise.all(streams.map((stream) => stream.connect()));
    await until(() => seen.every(({ length }) => length === demo.entries.length));
    const expected = demo.entries.map(({ frame }) => parseEnvelope(frame));
    expect(seen).toEqual([expected, expected]);
    interrupt();
    await serving;
  });

  test('has no secret in its file, and the same placeholders for the same', async () => {
    const server = closing(await startStreamServer());
    const path = await newFile();
    const wire = recordTransport(openWebSocket, writeRecordingFile(path), { redact: redact() });
    const stream = closing(
      connectManager({ url: `${server.url}?token=hushhush`, transport: wire }),
    );
    const events = collect(stream);
    await stream.connect();
    const ids = { threadId: 't', turnId: 'u' };
    const say = (delta: string) => {
      server.send(notification('item/agentMessage/delta', { ...ids, itemId: 'i', delta }));
    };
    for (const piece of 'Mail ada@example.com from /home/ada with FOO_TOKEN=hush1234 and '.match(
      /.{1,3}/g,
    )!) {
      say(piece);
    }
    say('FOO_TOKEN=hush1234, /home/ada');
    server.send({ type: 'last', threadId: null });
    await until(() => events.at(-1)?.type === 'last');
    await stream.close();
    await wire.close();
    expect(await readFile(path, 'utf8')).not.toMatch(/ada|example|hush/);
    const texts = (await replayed(path)).map(
      ({ payload }) => (payload as { params?: { delta: string } } | null)?.params?.delta ?? '',
    );
    expect(texts.join('')).toBe(
      'Mail <email 1> from /home/<user 1> with FOO_TOKEN=<secret 1> and FOO_TOKEN=<secret 1>, /home/<user 1>',
    );
    expect(texts).toHaveLength(events.length);
    expect(wire.stats().redacted).toEqual([
      { rule: 'email', count: 1 },
      { rule: 'user', count: 2 },
      { rule: 'secret', count: 2 },
    ]);
  });
});

describe('a session with codex app-server', () => {
  test('is recorded from its wire and from its events, and both replay as it was', async () => {
    const server = closing(await startFakeAppServer());
    const [wirePath, eventPath] = [await newFile(), await newFile()];
    const wire = recordTransport(openWebSocket, writeRecordingFile(wirePath));
    const stream = closing(
      connectAppServer({
        url: server.url,
        transport: wire,
        reconnect: { base: 1 },
        random: () => 0,
      }),
    );
    const events = collect(stream);
    const recorder = record(writeRecordingFile(eventPath));
    stream.events$.pipe(recorder).subscribe();
    const { thread } = await stream.call('thread/start', {});
    const params = { threadId: thread.id, turnId: 'u', callId: 'c', tool: 'x', arguments: {} };
    const answered = server.request(thread.id, 'item/tool/call', params);
    const isCall = ofAppServerRequest('item/tool/call').test;
    await until(() => events.some(isCall));
    const gap = firstValueFrom(stream.gaps$);
    server.terminate();
    // It is asked again, and has been told already.
    const { recovery$ } = await gap;
    await firstValueFrom(recovery$);
    void stream.requests.answer(
      events.find(isCall) as never,
      {
        contentItems: [],
        success: true,
      } as never,
    );
    await answered;
    server.sendRaw('nonsense');
    server.notify(null, 'last', {});
    await firstValueFrom(stream.events$.pipe(ofType('app_server.last')), { defaultValue: null });
    await stream.close();
    await Promise.all([wire.close(), recorder.close()]);

    expect(events.filter(isCall)).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('app_server.last');
    expect(await replayed(eventPath)).toEqual(events);
    const told: string[] = [];
    const fromWire = await lastValueFrom(
      replay(readRecordingFile(wirePath), {
        speed: Infinity,
        malformed: ({ reason }) => told.push(reason),
      }).pipe(toArray()),
    );
    expect(told).toEqual(['not-json']);
    const timeless = ({ payload, ...event }: Envelope) => ({
      ...event,
      payload: { ...(payload as object), receivedAt: 'then' },
    });
    expect(fromWire.map(timeless)).toEqual(events.map(timeless));
    const times = (all: readonly Envelope[]) =>
      all.map(({ payload }) => Date.parse((payload as { receivedAt: string }).receivedAt));
    for (const [i, time] of times(fromWire).entries()) {
      expect(Math.abs(time - times(events)[i]!)).toBeLessThan(1_000);
    }
    const { header, entries } = readRecording(await readFile(wirePath, 'utf8'));
    expect(header.protocol).toBe('app-server');
    expect(new Set(entries.map(({ sock }) => sock))).toEqual(new Set(['1', '2']));
  });
});
