import { describe, expect, test } from '@jest/globals';
import {
  AnswerError,
  defineSkill,
  ManagerError,
  remoteSkills,
  toolResult,
  type HandlerError,
  type ManagerStream,
  type Skill,
} from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer } from 'codex-rx/testing';
import { NEVER } from 'rxjs';
import {
  connect,
  next,
  notify,
  pendingIs,
  short,
  startManager,
} from '../requests/stage-manager.js';
import { callOf, text, weather } from './stage.js';

const call = 'item/tool/call';
const inParis = { tool: 'get_weather', arguments: { city: 'Paris' } };

/** A skill that counts its runs, and gives what it is told to. */
function counting(result: () => unknown = () => 'x'): Skill & { readonly runs: unknown[] } {
  const runs: unknown[] = [];
  const handler = (input: unknown) => {
    runs.push(input);
    return result();
  };
  return { ...defineSkill({ name: 'x', description: 'x', handler }), runs };
}

/** The answers that a server was sent, by POST. */
function withAnswers() {
  const answers: unknown[] = [];
  return {
    answers,
    fetch: async (url: string, request: RequestInit) => {
      if (typeof request.body === 'string') answers.push(JSON.parse(request.body));
      return fetch(url, request);
    },
  };
}

const settled = (stream: ManagerStream, id: number) =>
  next(stream.requests.settled$, ({ request }) => request.requestId === id);

describe('skills on codex-manager', () => {
  test('serve calls that come, that were pending, and that were missed while away', async () => {
    const server = await startManager();
    const skill = counting();
    const { answers, fetch } = withAnswers();
    server.ask(call, 0);
    const stream = await connect(server, { fetch: fetch, resync: false });
    const skills = remoteSkills(stream, { skills: [skill], threadId: 't' });
    const first = settled(stream, 0);
    skills.serve();
    expect(short(await first)).toBe('0 answered accepted');
    const second = settled(stream, 1);
    server.ask(call, 1);
    expect(short(await second)).toBe('1 answered accepted');
    const third = settled(stream, 2);
    for (const socket of server.sockets) socket.terminate();
    server.ask(call, 2);
    expect(short(await third)).toBe('2 answered accepted');
    expect(answers).toEqual([text('x'), text('x'), text('x')]);
    expect(skill.runs).toHaveLength(3);
  });

  test('leave the calls of other threads, and what is no call', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const skill = counting();
    const serving = remoteSkills(stream, { skills: [skill], threadId: 't' }).serve();
    server.ask(call, 0, { threadId: 'other' });
    server.ask('item/commandExecution/requestApproval', 1);
    const answered = settled(stream, 2);
    server.ask(call, 2);
    await answered;
    await pendingIs(stream, 0, 1);
    serving.unsubscribe();
    server.ask(call, 3);
    await pendingIs(stream, 0, 1, 3);
    expect(skill.runs).toHaveLength(1);
  });

  test('leave tools of others to others, if asked to', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const { serve } = remoteSkills(stream, { skills: [weather], threadId: 't', unknown: 'leave' });
    serve();
    stream.requests.serve(call, () => toolResult('other'), { name: 'other' });
    const both = Promise.all([settled(stream, 0), settled(stream, 1)]);
    server.ask(call, 0, inParis);
    server.ask(call, 1);
    expect((await both).map(({ by }) => by)).toEqual(['remoteSkills', 'other']);
  });

  test('run once for a call that comes again, by whichever way', async () => {
    const server = await startManager();
    const { answers, fetch } = withAnswers();
    const stream = await connect(server, { fetch: fetch });
    const skill = counting(() => new Promise((resolve) => setTimeout(resolve, 20, 'x')));
    const skills = remoteSkills(stream, { skills: [skill], threadId: 't' });
    server.ask(call, 0);
    const [request] = await pendingIs(stream, 0);
    const event = request!.event as never;
    const [first, again] = [skills.respondTo(event), skills.respondTo(event)];
    skills.serve();
    server.ask(call, 0);
    expect(await again).toBeNull();
    expect(short((await first)!)).toBe('0 answered accepted');
    expect(await skills.respondTo(event)).toBeNull();
    expect(await skills.drainPending()).toEqual([]);
    expect(skill.runs).toHaveLength(1);
    expect(answers).toHaveLength(1);
  });

  test('respond to what is no call for them with null', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const skills = remoteSkills(stream, { skills: [weather], threadId: 't' });
    expect(await skills.respondTo(callOf('get_weather', {}, { threadId: 'other' }))).toBeNull();
    expect(await skills.respondTo(callOf('get_weather'))).toBeNull();
  });

  test('drain what is pending, though no event told of it', async () => {
    const server = await startManager();
    for (const socket of server.sockets) socket.terminate();
    server.ask(call, 0, inParis);
    server.ask(call, 1, inParis);
    const stream = await connect(server);
    const skills = remoteSkills(stream, { skills: [weather], threadId: 't' });
    expect((await skills.drainPending()).map(short)).toEqual([
      '0 answered accepted',
      '1 answered accepted',
    ]);
  });

  test('send an answer again without running the skill again', async () => {
    const server = await startManager((_path, attempt) => (attempt < 3 ? 500 : null));
    const stream = await connect(server);
    const skill = counting();
    remoteSkills(stream, { skills: [skill], threadId: 't' }).serve();
    const answered = settled(stream, 0);
    server.ask(call, 0);
    expect(short(await answered)).toBe('0 answered accepted');
    expect(server.posts).toHaveLength(3);
    expect(skill.runs).toHaveLength(1);
  });

  test('say of a result of 1.2 MB that it cannot be sent: one run, one answer', async () => {
    const server = await startManager();
    const { answers, fetch } = withAnswers();
    const stream = await connect(server, { fetch: fetch });
    const errors: HandlerError[] = [];
    stream.requests.errors$.subscribe((error) => errors.push(error));
    const skill = counting(() => 'x'.repeat(1_200_000));
    remoteSkills(stream, { skills: [skill], threadId: 't' }).serve();
    const answered = settled(stream, 0);
    server.ask(call, 0);
    expect(short(await answered)).toBe('0 answered accepted');
    expect(answers).toEqual([
      text('x has run, but its result could not be sent: it is too large or not valid.', false),
    ]);
    expect(skill.runs).toHaveLength(1);
    expect(errors.map(({ cause }) => (cause as AnswerError).kind)).toEqual(['too-large']);
  });

  test('tell of a skill that throws, here and to the agent', async () => {
    const server = await startManager();
    const { answers, fetch } = withAnswers();
    const stream = await connect(server, { fetch: fetch });
    const errors: HandlerError[] = [];
    stream.requests.errors$.subscribe((error) => errors.push(error));
    const broken = counting(() => {
      throw new Error('no network');
    });
    remoteSkills(stream, { skills: [broken], threadId: 't' }).serve();
    const answered = settled(stream, 0);
    server.ask(call, 0);
    expect(short(await answered)).toBe('0 answered accepted');
    expect(answers).toEqual([text('x failed: no network', false)]);
    expect(errors.map(({ route, cause }) => [route, String(cause)])).toEqual([
      ['remoteSkills', 'Error: no network'],
    ]);
  });

  test('tell a skill that its turn was interrupted', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const reasons: string[] = [];
    const slow = defineSkill({
      name: 'x',
      description: 'x',
      handler(_input, { signal }) {
        signal.addEventListener('abort', () => reasons.push(String(signal.reason)));
        return NEVER;
      },
    });
    remoteSkills(stream, { skills: [slow], threadId: 't' }).serve();
    server.ask(call, 0);
    await pendingIs(stream, 0);
    const expired = settled(stream, 0);
    notify(server, 'turn/completed', {
      threadId: 't',
      turn: { id: 'u', status: 'interrupted', items: [] },
    });
    server.settle(0, 'expired', { success: false });
    expect((await expired).outcome).toBe('expired');
    expect(reasons).toHaveLength(1);
  });

  test('make a session that knows them, and speak to its agent', async () => {
    const asked: unknown[] = [];
    const server = await startManager(() => null, {
      rest({ method, url }) {
        if (method !== 'POST') return null;
        return url === '/api/sessions'
          ? { status: 200, body: { session: { sessionId: 't' }, thread: {} } }
          : { status: 202, body: { status: 'accepted', sessionId: 't', turnId: 'u' } };
      },
    });
    const stream = await connect(server, {
      fetch: async (url: string, request: RequestInit) => {
        if (typeof request.body === 'string')
          asked.push([new URL(url).pathname, JSON.parse(request.body)]);
        return fetch(url, request);
      },
    });
    const skills = remoteSkills(stream, { skills: [weather] });
    expect(skills.threadId).toBeNull();
    expect(await skills.createSession({ cwd: '/work' })).toBe('t');
    expect(skills.threadId).toBe('t');
    expect(await skills.send('Rain?')).toBe('u');
    expect(await skills.send('Rain?', { instruct: true })).toBe('u');
    const { name, description, inputSchema } = weather;
    expect(asked).toEqual([
      ['/api/sessions', { cwd: '/work', dynamicTools: [{ name, description, inputSchema }] }],
      ['/api/sessions/t/messages', { text: 'Rain?' }],
      ['/api/sessions/t/messages', { text: `${skills.instructions()}\n\nRain?` }],
    ]);
    await expect(skills.createSession()).rejects.toThrow(
      'These skills have their session already.',
    );
  });

  test.each([
    ['its option', { threadId: 'other' }, ''],
    ['its url', {}, '?threadId=other'],
  ])('make no session on a stream that hears one thread, by %s', async (_, options, query) => {
    const server = await startManager();
    const url = server.url + query;
    const skills = remoteSkills(await connect(server, { url, ...options }), { skills: [weather] });
    const error = await skills.createSession().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(/^"threadId" must be left out of the stream/);
  });

  test('say why there is no session', async () => {
    const server = await startManager(() => null, {
      rest: ({ method }) =>
        method === 'POST'
          ? { status: 500, body: { status: 'error', code: 'internal_error', message: 'Oh' } }
          : null,
    });
    const stream = await connect(server);
    const skills = remoteSkills(stream, { skills: [weather] });
    const error = await skills.createSession().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(ManagerError);
    expect(error).toMatchObject({
      message: '/api/sessions: codex-manager answered 500 internal_error: Oh',
      status: 500,
      code: 'internal_error',
    });
    expect(skills.threadId).toBeNull();
    await expect(skills.send('x')).rejects.toThrow(/^send: there is no thread\. Give a "threadId"/);
    await expect(skills.drainPending()).rejects.toThrow(/^drainPending: there is no thread\./);
  });
});

describe('skills on codex app-server', () => {
  test('make a session that knows them, and serve its calls', async () => {
    const server = await startFakeAppServer();
    const stream = connectAppServer({ url: server.url, experimental: true });
    server.handle('turn/start', () => ({ result: { turn: { id: 'u' } } }));
    try {
      const skills = remoteSkills(stream, { skills: [weather] });
      skills.serve();
      const threadId = await skills.createSession({ cwd: '/work' });
      expect(await skills.send('Rain?')).toBe('u');
      const { params } = callOf('get_weather', { city: 'Rome' }, { threadId }).payload;
      expect(await server.request(threadId, call, params)).toEqual({
        result: text('Sunny in Rome for 1.'),
      });
      const sent = server.received.map(
        (frame) => JSON.parse(frame) as { method?: string; params?: object },
      );
      expect(sent.find(({ method }) => method === 'thread/start')?.params).toEqual({
        cwd: '/work',
        dynamicTools: skills.dynamicTools(),
      });
      expect(sent.find(({ method }) => method === 'turn/start')?.params).toMatchObject({
        threadId,
        input: [{ type: 'text', text: 'Rain?' }],
      });
    } finally {
      await stream.close();
      await server.close();
    }
  });
});
