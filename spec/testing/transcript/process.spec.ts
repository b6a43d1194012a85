import { afterEach, describe, expect, test } from '@jest/globals';
import { connectAppServer, type AppServerStream } from 'codex-rx/node';
import {
  captured,
  closes,
  connects,
  emits,
  emitsText,
  exits,
  expects,
  expectsRest,
  leaves,
  startProcessTranscript,
  type Step,
} from 'codex-rx/testing/transcript';
import { until } from '../../support/until.js';

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function play(steps: readonly Step[], options: object = {}) {
  const server = await startProcessTranscript(steps, { timeout: 4_000 });
  closings.push(() => server.close());
  const stream = connectAppServer({ process: server.process, reconnect: false, ...options });
  closings.push(() => stream.close());
  void stream.connect();
  return { server, stream };
}

const handshake = [
  expects({ method: 'initialize' }),
  emits(({ id }) => ({ id, result: { userAgent: 'é'.repeat(70_000) } })),
  expects({ method: 'initialized' }),
];

/** How a stream has ended, in words. */
async function endOf(stream: AppServerStream): Promise<string> {
  let message = '';
  stream.status$.subscribe((status) => {
    if (status.state === 'closed') message = status.error?.message ?? 'no error';
  });
  await until(() => message !== '');
  return message;
}

describe('a transcript that is played by a process', () => {
  test('speaks lines, and exits with a code', async () => {
    const { server, stream } = await play([
      ...handshake,
      expects({ method: 'thread/start', id: captured('start') }),
      emits({ id: captured('start'), result: { thread: { id: 't' } } }),
      emitsText('no JSON'),
      exits(3, 'the disk is full'),
    ]);
    const malformed: string[] = [];
    stream.malformed$.subscribe(({ excerpt }) => malformed.push(excerpt));
    const end = endOf(stream);
    expect(await stream.call('thread/start', {})).toEqual({ thread: { id: 't' } });
    await server.done();
    const message = await end;
    expect(message).toContain('code 3');
    expect(message).toContain('the disk is full');
    expect(malformed).toEqual(['no JSON']);
    expect(stream.server?.userAgent).toHaveLength(70_000);
  });

  test('is ended by a signal, and starts again', async () => {
    const { server, stream } = await play(
      [...handshake, exits('SIGKILL'), connects(), ...handshake],
      { reconnect: { base: 1, cap: 1 } },
    );
    const ends: string[] = [];
    stream.status$.subscribe((status) => {
      if (status.state === 'waiting') ends.push(status.error.message);
    });
    await server.done();
    expect(ends).toEqual([expect.stringContaining('SIGKILL')]);
  });

  test('sees the end of its stdin, and a frame that differs', async () => {
    const { server, stream } = await play([...handshake, leaves()]);
    await stream.connect();
    await stream.close();
    await server.done();
    const other = await play([expects({ method: 'other' })]);
    await expect(other.server.done()).rejects.toThrow(
      '- method: "other"\n  + method: "initialize"',
    );
  });

  test.each([
    [closes(), 'closes with 1005'],
    [expectsRest('GET', '/x'), 'expects GET /x'],
  ])('refuses what a process cannot do', async (step, told) => {
    await expect(startProcessTranscript([step])).rejects.toThrow(
      new TypeError(`Step 1 cannot be played (${told}): stdio cannot do that.`),
    );
  });

  test('that is over turns a further process away', async () => {
    const { server, stream } = await play([expects({ method: 'initialize' }), exits(0)], {
      reconnect: { base: 1, cap: 1 },
    });
    await server.done();
    const ends: string[] = [];
    stream.status$.subscribe((status) => {
      if (status.state === 'waiting') ends.push(status.error.message);
    });
    await until(() => ends.some((message) => message.includes('The transcript is over.')));
  });
});
