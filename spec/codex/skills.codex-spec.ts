import { describe, expect, test } from '@jest/globals';
import {
  defineSkill,
  forThread,
  ofAppServer,
  remoteSkills,
  toolResult,
  type Incoming,
} from 'codex-rx';
import { firstValueFrom, Subject, take } from 'rxjs';
import { z } from 'zod';
import { codexSpecs, type TestStream, type Transport } from '../support/codex-stream.js';
import { answersSent } from '../support/codex-turn.js';
import { callTool, text } from '../support/scripted-model.js';

const { start } = codexSpecs();

/** Books a table: what it needs is an object in an object. */
const bookings = () => {
  const booked: unknown[] = [];
  const skill = defineSkill({
    name: 'book_table',
    description: 'Books a table.',
    input: z.object({
      at: z.object({ day: z.enum(['today', 'tomorrow']), hour: z.number().int().min(0).max(23) }),
      guests: z.number().int().positive().default(2),
    }),
    handler(input) {
      booked.push(input);
      return { table: booked.length };
    },
  });
  return { booked, skill };
};

const weather = defineSkill({
  name: 'get_weather',
  description: 'The weather of a city.',
  input: z.object({ city: z.string() }),
  handler: ({ city }) => Promise.resolve(`Sunny in ${city}.`),
});

/** How the next turn ends. */
const ended = (stream: TestStream, threadId: string) =>
  firstValueFrom(stream.events$.pipe(forThread(threadId), ofAppServer('turn/completed'), take(1)));

/** What the tool calls of a stream have come to, as codex tells it. */
function toolItems(stream: TestStream) {
  const items: Incoming.DynamicToolCallThreadItem[] = [];
  stream.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
    if (params.item.type === 'dynamicToolCall') items.push(params.item);
  });
  return items;
}

async function session(transport: Transport, skills: Parameters<typeof remoteSkills>[1]['skills']) {
  const codex = await start(transport);
  const stream = codex.stream();
  const items = toolItems(stream);
  const remote = remoteSkills(stream, { skills });
  remote.serve();
  const threadId = await remote.createSession({ cwd: codex.cwd });
  return { codex, stream, items, remote, threadId };
}

describe.each(['websocket', 'stdio'] as const)('over %s, skills', (transport) => {
  test('are declared to the model, called with nested arguments, and their results reach it', async () => {
    const { booked, skill } = bookings();
    const { codex, stream, items, remote, threadId } = await session(transport, [skill, weather]);
    codex.model.script('evening', [
      callTool('get_weather', { city: 'Paris' }),
      callTool('book_table', { at: { day: 'today', hour: 20 } }),
      text('Done.'),
    ]);
    const end = ended(stream, threadId);
    await remote.send('evening');
    expect((await end).payload.params.turn.status).toBe('completed');
    expect(booked).toEqual([{ at: { day: 'today', hour: 20 }, guests: 2 }]);
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual(['Sunny in Paris.', '{"table":1}']);
    expect(items.map(({ tool, success }) => [tool, success])).toEqual([
      ['get_weather', true],
      ['book_table', true],
    ]);
    expect(stream.requests.stats()).toMatchObject({ opened: 2, answered: 2 });
  });

  test('refuse bad arguments, so that the model can do better', async () => {
    const { booked, skill } = bookings();
    const { codex, stream, remote, threadId } = await session(transport, [skill, weather]);
    codex.model.script('evening', [
      callTool('book_table', { at: { day: 'today', hour: 25 } }),
      callTool('book_table', { at: { day: 'today', hour: 20 }, guests: 4 }),
      text('Done.'),
    ]);
    const end = ended(stream, threadId);
    await remote.send('evening');
    expect((await end).payload.params.turn.status).toBe('completed');
    expect(booked).toEqual([{ at: { day: 'today', hour: 20 }, guests: 4 }]);
    expect(codex.model.requests.at(-1)?.toolOutputs).toEqual([
      expect.stringMatching(/^book_table was not run, .* at\.hour: .*<=23/),
      '{"table":1}',
    ]);
  });

  test('are cancelled by an interrupt', async () => {
    const begun = new Subject<AbortSignal>();
    const slow = defineSkill({
      name: 'wait',
      description: 'Waits.',
      handler: (_input, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve('too late');
          });
          begun.next(signal);
        }),
    });
    const { codex, stream, items, remote, threadId } = await session(transport, [slow]);
    codex.model.script('wait', [callTool('wait', {}), text('Never said.')]);
    const begins = firstValueFrom(begun);
    const settled = firstValueFrom(stream.requests.settled$);
    const end = ended(stream, threadId);
    const turnId = await remote.send('wait');
    const signal = await begins;
    expect(signal.aborted).toBe(false);
    await stream.call('turn/interrupt', { threadId, turnId });
    expect((await end).payload.params.turn.status).toBe('interrupted');
    expect((await settled).outcome).toBe('expired');
    expect(signal.aborted).toBe(true);
    expect(answersSent(stream)).toEqual([]);
    expect(items).toMatchObject([{ tool: 'wait', status: 'failed', contentItems: [] }]);
  });

  test('give several items, and a failure of their own', async () => {
    const image =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const look = defineSkill({
      name: 'look',
      description: 'Looks.',
      handler: () =>
        toolResult([
          { type: 'inputText', text: 'A dot.' },
          { type: 'inputImage', imageUrl: image },
        ]),
    });
    const no = defineSkill({
      name: 'no',
      description: 'No.',
      handler: () => toolResult('No.', { success: false }),
    });
    const { codex, stream, items, remote, threadId } = await session(transport, [look, no]);
    codex.model.script('look', [callTool('look', {}), callTool('no', {}), text('Done.')]);
    const end = ended(stream, threadId);
    await remote.send('look');
    expect((await end).payload.params.turn.status).toBe('completed');
    expect(
      items.map(({ tool, success, contentItems }) => [tool, success, contentItems?.length]),
    ).toEqual([
      ['look', true, 2],
      ['no', false, 1],
    ]);
  });
});
