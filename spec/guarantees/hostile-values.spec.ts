import { describe, expect, test } from '@jest/globals';
import {
  allow,
  approvals,
  coalesceDeltas,
  connectManager,
  createThreadFold,
  deny,
  matching,
  policy,
  type Envelope,
  type ServerRequest,
} from 'codex-rx';
import { fakeTransport } from 'codex-rx/testing';
import { appServerFrames, managerFrames, type Recorded } from '../recordings/index.js';
import { toEvent } from '../../lib/app-server/to-event.js';
import { pendingPayload } from '../../lib/gateway/pending.js';
import { readMessage } from '../../lib/app-server/message.js';

/** JSON of which no text can be made: what writes it into one throws. */
const hostile: readonly unknown[] = [
  { toString: null, valueOf: null, toJSON: null, then: null, length: -1 },
  [{ toString: null, valueOf: null }],
  null,
];

type Frame = Readonly<Record<string, unknown>>;

/** A value with each part of it replaced in turn, itself included. */
function* replaced(value: unknown, by: unknown): Generator {
  yield by;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value as Frame).slice(0, 20)) {
    for (const other of replaced(inner, by)) {
      yield Array.isArray(value)
        ? value.map((one: unknown, index) => (String(index) === name ? other : one))
        : { ...value, [name]: other };
    }
  }
}

/** One frame of each kind. */
const kinds = (frames: readonly Recorded[], member: 'type' | 'method'): readonly Frame[] => [
  ...new Map(frames.map(({ frame }) => [frame[member], frame])).values(),
];

/** What a program logs that follows a thread, answers its requests and lists them. */
function logged(frame: unknown): readonly string[] {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const fake = fakeTransport();
  const stream = connectManager({
    url: 'ws://fake',
    transport: fake.open,
    log: { warn: write, error: write },
  });
  const fold = createThreadFold('t', { freeze: true });
  stream.on(
    matching((): true => true),
    coalesceDeltas(),
    (event: Envelope) => {
      fold.push({ ...event, threadId: 't' });
      fold.view();
    },
  );
  const rules = [deny({ command: 'rm' }), allow({ command: /^ls$/ }), allow({ path: '/src' })];
  stream.requests.serve(approvals, policy(rules));
  const opened: ServerRequest[] = [];
  stream.requests.opened$.subscribe((request) => opened.push(request));
  void stream.connect();
  fake.last.accept();
  fake.last.send({ type: 'ready', threadId: null });
  fake.last.send(frame);
  expect(stream.metrics().received).toBe(2);
  for (const request of opened) {
    for (const list of ['approvals', 'toolCalls', 'toolUserInputs'] as const) {
      pendingPayload({ ...request, id: '0' }, list as never);
    }
  }
  void stream.close();
  return lines;
}

/** What is said of a frame that is no envelope. */
const isNoEnvelope = (line: string): boolean =>
  /no-type|not-an-object|bad-(?:thread|turn|request)-id/.test(line);

describe.each(hostile.map((value) => [JSON.stringify(value), value] as const))(
  'a value that is replaced by %s',
  (_, by) => {
    test.each(kinds(managerFrames, 'type').map((frame) => [frame['type'], frame] as const))(
      'harms nothing in %s of codex-manager',
      (_type, frame) => {
        const lines = [...replaced(frame, by)].flatMap(logged);
        expect(lines.filter((line) => !isNoEnvelope(line))).toEqual([]);
      },
    );

    test('harms nothing in what an app-server sends', () => {
      const events = kinds(appServerFrames, 'method').flatMap((frame) =>
        [...replaced(frame['params'], by)].map((params) => {
          const text = JSON.stringify({ ...frame, params });
          return toEvent(readMessage(text) as never, '');
        }),
      );
      const lines = events.flatMap(logged);
      expect(lines.filter((line) => !isNoEnvelope(line))).toEqual([]);
    });
  },
);
