import { describe, expect, test } from '@jest/globals';
import {
  forThread,
  forTurn,
  ofAppServer,
  ofAppServerRequest,
  type CodexStream,
  type Envelope,
} from 'codex-rx';
import { firstValueFrom, forkJoin, map, merge, reduce, toArray, type Observable } from 'rxjs';
import { replayAppServer, replayManager } from './replay.js';

/** Plays a recording on a stream that was watched before it connected. */
type Play = (watch: (stream: CodexStream) => void) => Promise<unknown>;

interface TurnIds {
  readonly threadId: string;
  readonly turnId: string;
}

/** What happened in a turn, without ids, times and texts. */
interface Story {
  readonly status: readonly string[];
  /** The kinds of the items that have ended, with what became of them. */
  readonly items: readonly string[];
  /** Whether each message is what its deltas add up to. */
  readonly messages: readonly boolean[];
  /** Requests, each with what settled it. */
  readonly requests: readonly string[];
}

/** A pipeline as a user writes it: it does not know where its events come from. */
function tell(events$: Observable<Envelope>, { threadId, turnId }: TurnIds): Observable<Story> {
  const thread$ = events$.pipe(forThread(threadId));
  const turn$ = thread$.pipe(forTurn(turnId));
  const deltas$ = turn$.pipe(
    ofAppServer('item/agentMessage/delta'),
    reduce((texts, { payload: { params } }) => {
      return texts.set(params.itemId, (texts.get(params.itemId) ?? '') + params.delta);
    }, new Map<string, string>()),
  );
  const items$ = turn$.pipe(
    ofAppServer('item/completed'),
    map(({ payload }) => payload.params.item),
    toArray(),
  );
  const requests$ = merge(
    turn$.pipe(
      ofAppServerRequest(),
      map(({ requestId, payload }) => [requestId, `asks ${payload.method}`] as const),
    ),
    thread$.pipe(
      ofAppServer('serverRequest/resolved'),
      map(({ requestId }) => [requestId, 'resolved'] as const),
    ),
    turn$.pipe(
      ofAppServer('turn/completed'),
      map(() => ['the turn', 'ends'] as const),
    ),
  ).pipe(toArray());
  return forkJoin({
    status: turn$.pipe(
      ofAppServer('turn/completed'),
      map(({ payload }) => payload.params.turn.status),
      toArray(),
    ),
    deltas: deltas$,
    items: items$,
    requests: requests$,
  }).pipe(
    map(({ status, deltas, items, requests }) => {
      const ids = requests.filter(([, what]) => what.startsWith('asks')).map(([id]) => id);
      return {
        status,
        items: items.map((item) => `${item.type} ${'status' in item ? item.status : ''}`.trim()),
        messages: items.flatMap((item) =>
          item.type === 'agentMessage' ? [item.text === deltas.get(item.id)] : [],
        ),
        requests: requests
          .filter(([id]) => id === 'the turn' || ids.includes(id))
          .map(([, what]) => what),
      };
    }),
  );
}

/** The turns of a recording, in the order of their ends. */
async function turnsOf(play: Play): Promise<readonly TurnIds[]> {
  const turns: TurnIds[] = [];
  await play((stream) => {
    stream.events$.pipe(ofAppServer('turn/completed')).subscribe(({ threadId, turnId }) => {
      turns.push({ threadId: threadId, turnId: turnId });
    });
  });
  return turns;
}

async function storyOf(play: Play, turn: number): Promise<Story> {
  const ids = (await turnsOf(play))[turn]!;
  let story: Promise<Story> | undefined;
  await play((stream) => {
    story = firstValueFrom(tell(stream.events$, ids));
  });
  return story!;
}

const manager =
  (file: string): Play =>
  (watch) =>
    replayManager(file, watch);
const appServer =
  (file: string): Play =>
  (watch) =>
    replayAppServer(file, watch);

/** Where the scripts of the two runs differ: what is left out of a story. */
type Script = 'same' | 'app-server says more' | 'codex-manager calls more';

/** For app-server the agent says something before it runs a command. */
const withoutFirstMessage = ({ items, messages, ...story }: Story): Story => ({
  ...story,
  items: items.filter((_, i) => i !== items.indexOf('agentMessage')),
  messages: messages.slice(1),
});

/** For codex-manager it calls three tools in one turn, of which the last one fails. */
const withoutMoreCalls = ({ items, requests, ...story }: Story): Story => ({
  ...story,
  items: items.filter((item, i) => item !== items[i - 1] && item !== 'dynamicToolCall failed'),
  requests: requests.filter((what, i) => what !== requests[i - 1]),
});

const approval = 'asks item/commandExecution/requestApproval';
const settled = (asks: string) => [asks, 'resolved', 'ends'];
const said = { messages: [true] };

describe('the same pipeline tells the same story of both sources', () => {
  test.each<[string, [string, number], [string, number], Script, Story]>([
    [
      'a plain turn',
      ['01-plain-turn.jsonl', 0],
      ['plain.jsonl', 1],
      'same',
      {
        status: ['completed'],
        items: ['userMessage', 'reasoning', 'agentMessage'],
        requests: ['ends'],
        ...said,
      },
    ],
    [
      'a command that is approved',
      ['02-shell-approval.jsonl', 0],
      ['shell-approval-accept.jsonl', 0],
      'app-server says more',
      {
        status: ['completed'],
        items: ['userMessage', 'commandExecution completed', 'agentMessage'],
        requests: settled(approval),
        ...said,
      },
    ],
    [
      'a command that is declined',
      ['02b-shell-decline-cancel.jsonl', 0],
      ['shell-approval-decline.jsonl', 0],
      'app-server says more',
      {
        status: ['completed'],
        items: ['userMessage', 'commandExecution declined', 'agentMessage'],
        requests: settled(approval),
        ...said,
      },
    ],
    [
      'a file change that is approved',
      ['03-file-change-approval.jsonl', 0],
      ['patch-approval-accept.jsonl', 0],
      'same',
      {
        status: ['completed'],
        items: ['userMessage', 'fileChange completed', 'agentMessage'],
        requests: settled('asks item/fileChange/requestApproval'),
        ...said,
      },
    ],
    [
      'a tool call',
      ['04-dynamic-tool-call.jsonl', 0],
      ['dynamic-tool.jsonl', 0],
      'codex-manager calls more',
      {
        status: ['completed'],
        items: ['userMessage', 'dynamicToolCall completed', 'agentMessage'],
        requests: ['asks item/tool/call', 'ends'],
        ...said,
      },
    ],
    [
      'a question',
      ['09-tool-user-input.jsonl', 0],
      ['user-input.jsonl', 0],
      'same',
      {
        status: ['completed'],
        items: ['userMessage', 'agentMessage'],
        requests: settled('asks item/tool/requestUserInput'),
        ...said,
      },
    ],
    [
      'a turn that is interrupted while a command waits for its approval',
      ['17-interrupt-while-pending.jsonl', 0],
      ['interrupt.jsonl', 1],
      'app-server says more',
      {
        status: ['interrupted'],
        items: ['userMessage'],
        requests: [approval, 'ends', 'resolved'],
        messages: [],
      },
    ],
  ])('%s', async (_, [managerFile, managerTurn], [file, turn], script, story) => {
    const ofManager = await storyOf(manager(managerFile), managerTurn);
    const ofAppServer = await storyOf(appServer(file), turn);
    const callsMore = script === 'codex-manager calls more';
    const saysMore = script === 'app-server says more';
    expect(callsMore ? withoutMoreCalls(ofManager) : ofManager).toEqual(story);
    expect(saysMore ? withoutFirstMessage(ofAppServer) : ofAppServer).toEqual(story);
  });
});

/** What an event looks like: its members in order, and which of its ids are known. */
interface Shape {
  readonly payload: readonly string[];
  readonly ids: readonly string[];
}

/** The shapes of the events of each type, in the recordings that are about the same. */
async function shapesOf(plays: readonly Play[]): Promise<Map<string, Set<string>>> {
  const shapes = new Map<string, Set<string>>();
  for (const play of plays) {
    await play((stream) => {
      stream.events$.subscribe(({ type, payload, ...ids }) => {
        if (!type.startsWith('app_server.')) return;
        const known = Object.entries(ids).filter(
          ([name]) => name !== 'turnId' || !guessed.has(type),
        );
        const shape: Shape = {
          payload: Object.keys(payload as object),
          ids: known.map(([name, id]) => `${name}: ${id === null ? id : typeof id}`),
        };
        shapes.set(type, (shapes.get(type) ?? new Set()).add(JSON.stringify(shape)));
      });
    });
  }
  return shapes;
}

/** Events of no turn, for which codex-manager fills in the turn that it started last. */
const guessed = new Set(['app_server.server_request.resolved', 'app_server.thread.status.changed']);

/** Types that only codex 0.169 sends, or only for what was asked of it. */
const onlyNew = [
  'app_server.config_warning',
  'app_server.deprecation_notice',
  'app_server.item.command_execution.output_delta',
  'app_server.item.reasoning.text_delta',
  'app_server.remote_control.status.changed',
  'app_server.thread.read_state.changed',
  'app_server.thread.settings.updated',
];

/** Types that only codex 0.107 sends: its legacy events, and what has gone since. */
const onlyOld = /^app_server\.(codex\.|raw_response_item\.|item\.file_change\.output_delta)/;

describe('the events of both sources', () => {
  test('of the same type have the same members in the same order, and the same ids', async () => {
    const [old, current] = await Promise.all([
      shapesOf(
        [
          '01-plain-turn.jsonl',
          '02-shell-approval.jsonl',
          '03-file-change-approval.jsonl',
          '04-dynamic-tool-call.jsonl',
          '09-tool-user-input.jsonl',
          '17-interrupt-while-pending.jsonl',
        ].map(manager),
      ),
      shapesOf(
        [
          'plain.jsonl',
          'shell-approval-accept.jsonl',
          'patch-approval-accept.jsonl',
          'dynamic-tool.jsonl',
          'user-input.jsonl',
          'interrupt.jsonl',
        ].map(appServer),
      ),
    ]);
    const shared = [...old.keys()].filter((type) => current.has(type)).sort();
    const table = (shapes: Map<string, Set<string>>) =>
      shared.map((type) => [
        type,
        [...shapes.get(type)!].map((shape) => JSON.parse(shape) as Shape),
      ]);
    expect(table(current)).toEqual(table(old));
    expect([...old.keys()].filter((type) => !current.has(type) && !onlyOld.test(type))).toEqual([
      'app_server.thread.name.updated',
    ]);
    expect([...current.keys()].filter((type) => !old.has(type)).sort()).toEqual(onlyNew);
  });
});
