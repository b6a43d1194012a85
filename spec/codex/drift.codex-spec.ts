import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  openWebSocket,
  type OpenTransport,
  type Envelope,
  type NotificationParams,
  type ServerRequestParams,
} from 'codex-rx';
import { connectAppServer, openChildProcess } from 'codex-rx/node';
import { readRecording } from 'codex-rx/recording';
import { notification, request } from 'codex-rx/testing';
import { readdirSync, readFileSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { createDriftReport } from '../../lib/app-server/drift.js';
import { knownNotifications, knownServerRequests } from '../../lib/app-server/known-methods.js';
import { toEvent } from '../../lib/app-server/to-event.js';
import { itemTypes } from '../../lib/testing/builders/defaults/items.js';
import { elicitationModes } from '../../lib/testing/builders/defaults/requests.js';
import { readClientSchema, type ClientSchema } from '../support/client-schema.js';
import { codexSpecs } from '../support/codex-stream.js';
import { startTurn } from '../support/codex-turn.js';

const recordings = new URL('../recordings/app-server/', import.meta.url);

/** What a server says: a notification, a request, or the result of a call of that method. */
interface Said {
  readonly kind: 'notification' | 'request' | 'result';
  readonly method: string;
  readonly value: unknown;
}

const saidBy = ({ payload }: Envelope): Said => {
  const { signalType, method, params } = payload as {
    readonly signalType: 'notification' | 'request';
    readonly method: string;
    readonly params: unknown;
  };
  return { kind: signalType, method, value: params };
};

const built: readonly Said[] = [
  ...[...knownNotifications].map((method) => notification(method as keyof NotificationParams)),
  // The newest codex has it no more.
  ...[...knownServerRequests]
    .filter((method) => method !== 'currentTime/read')
    .map((method) => request(method as keyof ServerRequestParams)),
  ...itemTypes.map((type) => notification('item/started', { item: { type } as never })),
  ...elicitationModes.map((mode) => request('mcpServer/elicitation/request', { mode })),
].map(saidBy);

interface Frame {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

/** The results of each method that was recorded, one of a kind. */
function recordedResults(): readonly Said[] {
  const results = new Map<string, Said>();
  for (const file of readdirSync(recordings)) {
    const asked = new Map<string, string>();
    const { entries } = readRecording(readFileSync(new URL(file, recordings), 'utf8'));
    for (const { sock, dir, frame } of entries) {
      const { id, method, result } = Object(frame) as Frame;
      if (dir === 'out' && method !== undefined) asked.set(`${sock} ${id}`, method);
      const answered = dir === 'in' && result ? asked.get(`${sock} ${id}`) : undefined;
      if (answered === undefined) continue;
      const said = { kind: 'result', method: answered, value: result } as const;
      results.set(`${answered} ${Object.keys(result as object).join()}`, said);
    }
  }
  return [...results.values()];
}

const others = [null, true, 7, 'odd', [], {}, [null], { odd: {} }];

/** A value with others, or none, at each of its places; of a list, at the first. */
function* changesOf(value: unknown): Generator {
  yield* others;
  if (Array.isArray(value)) {
    const [first, ...rest] = value as unknown[];
    if (value.length > 0) for (const other of changesOf(first)) yield [other, ...rest];
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      for (const other of changesOf(member)) yield { ...value, [key]: other };
    }
  }
}

/** What the schema calls wrong and drift() does not, or the other way round. */
const intended = [
  // What the types do not know may be there: it passes.
  'item/permissions/requestApproval.params.permissions: should NOT have additional properties',
  // The schema lists its values, and then allows any text and any object.
  'CodexErrorInfo: odd (1)',
  'missing HttpConnectionFailedCodexErrorInfo.httpConnectionFailed (1)',
];

/** What the schema says, as drift() counts it. */
const memberOf = (error: string): 'missing' | 'variants' | 'changed' => {
  if (error.includes('required property')) return 'missing';
  return error.includes('one of the allowed values') ? 'variants' : 'changed';
};

describe("drift(), next to codex's own schema", () => {
  let schema: ClientSchema;
  beforeAll(async () => {
    schema = await readClientSchema();
  });

  async function driftOf({ kind, method, value }: Said) {
    const drift = createDriftReport(true);
    await firstValueFrom(drift.loaded$);
    if (kind === 'result') drift.observeResult(method, value);
    else drift.observe(toEvent(messageOf({ kind, method, value })).payload as never);
    return drift.read();
  }

  const messageOf = ({ kind, method, value }: Said) => ({
    ...{ method, params: value },
    ...(kind === 'request' && { id: 0 }),
  });

  const errorsIn = (said: Said): string[] =>
    said.kind === 'result'
      ? schema.validateServerFrame({ id: 0, result: said.value }, said.method)
      : schema.validateServerFrame(messageOf(said));

  test.each(['notification', 'request', 'result'] as const)(
    'says the same of any change of a %s, at any depth',
    async (kind) => {
      const differing = new Set<string>();
      for (const said of [...built, ...recordedResults()].filter((one) => one.kind === kind)) {
        for (const value of [said.value, ...changesOf(said.value)]) {
          const errors = errorsIn({ ...said, value });
          const drift = await driftOf({ ...said, value });
          const isSame = (errors.length === 0) === (drift.summary === '');
          // A value that fits no member of a union has an error of each.
          const isOne = isSame && errors.length === 1;
          const counts = isOne ? Object.keys(drift[memberOf(errors[0] as string)]) : ['any'];
          if (!isSame || counts.length !== 1) differing.add(drift.summary || errors.join('; '));
        }
      }
      expect([...differing].filter((one) => !intended.includes(one))).toEqual([]);
    },
  );
});

interface Body {
  codexHome?: string;
  thread: { status: object };
  sandbox: { networkAccess: unknown };
  turn: {
    status?: string;
    items: unknown[];
    startedAt: unknown;
    error: { codexErrorInfo: unknown };
  };
}

/** What becomes of the first body of a method: of what is sent, or of the result of a call. */
const tampered: Readonly<Record<string, (body: Body) => void>> = {
  initialize(result) {
    delete result.codexHome;
  },
  'thread/start'({ thread, sandbox }) {
    thread.status = { type: 'asleep' };
    sandbox.networkAccess = null;
  },
  'turn/start'({ turn }) {
    turn.items = [{ type: 'dream', id: 'i' }];
  },
  'turn/started'({ turn }) {
    delete turn.status;
  },
  'turn/completed'({ turn }) {
    turn.error.codexErrorInfo = { tooTired: {} };
    turn.startedAt = 'now';
  },
};

/** A transport that changes what comes, as a newer server might. */
const tampering =
  (direct: OpenTransport): OpenTransport =>
  (request, events) => {
    const calls = new Map<unknown, string>();
    const left = new Map(Object.entries(tampered));
    const link = direct(request, {
      ...events,
      text(text, ...rest) {
        const frame = JSON.parse(text) as Frame;
        const method = frame.method ?? calls.get(frame.id) ?? '';
        left.get(method)?.((frame.params ?? frame.result) as Body);
        left.delete(method);
        events.text(JSON.stringify(frame), ...rest);
      },
    });
    return {
      ...link,
      send(text) {
        const { id, method = '' } = JSON.parse(text) as Frame;
        calls.set(id, method);
        link.send(text);
      },
    };
  };

const { start, closing } = codexSpecs();

test.each(['websocket', 'unix socket', 'stdio'] as const)(
  'drift() of a real codex over %s has what was changed on the way, and nothing else',
  async (transport) => {
    const codex = await start(transport);
    const { process: child, ...reach } = codex.reach;
    const stream = closing(
      connectAppServer({
        ...reach,
        transport: tampering(child ? openChildProcess(child) : openWebSocket),
        experimental: true,
        drift: true,
      }),
    );
    const { thread } = await stream.call('thread/start', { cwd: codex.cwd });
    const { ended } = await startTurn(stream, thread.id, 'what nobody answers');
    await ended;
    expect(stream.drift()).toEqual({
      ...{ notifications: {}, requests: {} },
      variants: {
        'ThreadStatus: asleep': 1,
        'ThreadItem: dream': 1,
        'CodexErrorInfo: tooTired': 1,
      },
      missing: { 'InitializeResponse.codexHome': 1, 'Turn.status': 1 },
      changed: { 'ReadOnlySandboxPolicy.networkAccess: null': 1, 'Turn.startedAt: string': 1 },
      summary: expect.not.stringContaining('\n'),
    });
  },
);
