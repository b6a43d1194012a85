import { describe, expect, test } from '@jest/globals';
import { notificationType, requestType, type Envelope, type MalformedFrame } from 'codex-rx';
import { CallError } from 'codex-rx/node';
import { messagesTo, recordedClients, replayAppServer } from './replay.js';

interface Params {
  readonly threadId?: string;
  readonly turnId?: string;
  readonly requestId?: number;
  readonly thread?: { readonly id: string };
  readonly turn?: { readonly id: string };
}

interface Message {
  readonly method: string;
  readonly id?: number;
  readonly params: Params;
}

/** What an event says, read off the frame by the rules of the protocol. */
const expected = ({ method, id, params }: Message) => ({
  type: id === undefined ? notificationType(method) : requestType(method),
  threadId: params.threadId ?? params.thread?.id ?? null,
  turnId: params.turnId ?? params.turn?.id ?? null,
  requestId: id ?? params.requestId ?? null,
  params,
});

/** The server sends a request again to a client that resumes its thread again. */
const isFirst = ({ id }: Message, index: number, all: readonly Message[]) =>
  id === undefined || all.findIndex((message) => message.id === id) === index;

describe.each(recordedClients)('the recording %s, client %s', (file, client) => {
  const messages = messagesTo(file, client) as readonly Message[];

  test('every message of the server becomes its event, and every call settles', async () => {
    const events: Envelope[] = [];
    const malformed: MalformedFrame[] = [];
    const settled = await replayAppServer(
      file,
      (stream) => {
        stream.events$.subscribe((event) => events.push(event));
        stream.malformed$.subscribe((frame) => malformed.push(frame));
      },
      client,
    );
    expect(malformed).toEqual([]);
    const seen = events.map(({ payload, ...ids }) => ({
      ...ids,
      params: (payload as { params: unknown }).params,
    }));
    expect(messages.length).toBeGreaterThan(1);
    expect(seen).toEqual(messages.filter(isFirst).map(expected));
    for (const { recorded, settled: outcome } of settled) {
      if (!recorded.error) expect(outcome).toEqual(recorded.result);
      else {
        const { code, message } = recorded.error;
        expect(outcome).toBeInstanceOf(CallError);
        expect(outcome).toMatchObject({ kind: 'refused', code });
        expect((outcome as CallError).message).toContain(message);
      }
    }
  });
});
