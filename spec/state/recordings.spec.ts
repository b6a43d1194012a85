import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  createThreadFold,
  parseEnvelope,
  type ThreadFold,
  type ThreadSnapshot,
  type ThreadView,
} from 'codex-rx';
import { readRecording } from 'codex-rx/recording';
import { toEvent } from '../../lib/app-server/to-event.js';
import { snapshotOfThread, snapshotOfTranscript } from '../../lib/state/snapshot-of.js';

interface Frame {
  readonly id?: unknown;
  readonly type?: string;
  readonly method?: string;
  readonly params?: { readonly threadId?: string };
  readonly result?: { readonly thread?: never };
}

interface Http {
  readonly method?: string;
  readonly path?: string;
  readonly response?: { readonly transcript?: unknown; readonly thread?: { readonly id: string } };
}

/** A snapshot that a server gave, and the thread as it was folded until then by one connection. */
interface Comparison {
  readonly name: string;
  readonly view: ThreadView;
  readonly snapshot: ThreadSnapshot;
  /** The thread with the snapshot merged. */
  readonly joined: () => ThreadView;
}

const join = (fold: ThreadFold, snapshot: ThreadSnapshot) => (): ThreadView => {
  fold.merge(snapshot, fold.count);
  return fold.view();
};

const control = ['ready', 'pong', 'error'];

/** Folds every thread of a recording, and compares it with each snapshot in it. */
function compare(folder: string, file: string): readonly Comparison[] {
  const path = new URL(`../recordings/${folder}/${file}`, import.meta.url);
  const { entries } = readRecording(readFileSync(path, 'utf8'));
  const folds = new Map<string, ReturnType<typeof createThreadFold>>();
  const asked = new Set<string>();
  const found: Comparison[] = [];
  const foldOf = (sock: string, threadId: string) => {
    const key = `${sock}/${threadId}`;
    const fold = folds.get(key) ?? createThreadFold(threadId, { freeze: true });
    folds.set(key, fold);
    return fold;
  };
  for (const entry of entries) {
    const { dir, sock = '' } = entry;
    const frame = entry.frame as Frame | undefined;
    if (dir === 'http') {
      const { method, response } = entry as unknown as Http;
      const id = response?.thread?.id;
      if (method !== 'GET' || !response?.transcript || id === undefined) continue;
      for (const [key, fold] of folds) {
        if (!key.endsWith(id)) continue;
        found.push({
          name: `${file} ${key.split('/')[0]}`,
          view: fold.view(),
          snapshot: snapshotOfTranscript(response),
          joined: join(fold, snapshotOfTranscript(response)),
        });
      }
      continue;
    }
    if (!frame) continue;
    if (dir === 'out' && /^thread\/(read|resume)$/.test(frame.method ?? ''))
      asked.add(`${sock} ${String(frame.id)}`);
    if (dir !== 'in') continue;
    if (folder === 'app-server' && frame.method === undefined) {
      const thread = frame.result?.thread as { id: string; turns: unknown[] } | undefined;
      if (!asked.has(`${sock} ${String(frame.id)}`) || !thread?.turns.length) continue;
      const fold = folds.get(`${sock}/${thread.id}`);
      if (fold)
        found.push({
          name: `${file} ${sock}`,
          view: fold.view(),
          snapshot: snapshotOfThread(thread),
          joined: join(fold, snapshotOfThread(thread)),
        });
      continue;
    }
    if (folder === 'codex-manager' && control.includes(frame.type ?? '')) continue;
    const event = folder === 'app-server' ? toEvent(frame as never) : parseEnvelope(frame);
    if (event.threadId !== null) foldOf(sock, event.threadId).push(event);
  }
  return found;
}

/** The completed items of each turn that is over, as far as a snapshot can tell of them. */
const shown = (view: ThreadView) =>
  Object.fromEntries(
    view.turns.map(({ id, status, items }) => [
      id,
      [
        status,
        ...items
          .filter(({ state }) => state === 'completed')
          .map((item) => ({
            id: item.id,
            kind: item.kind,
            // The output of a file change of 0.107 is in no snapshot.
            ...(item.kind !== 'fileChange' && { text: item.text }),
            ...('outcome' in item && { outcome: item.outcome }),
            ...('exitCode' in item && { exitCode: item.exitCode }),
          })),
      ],
    ]),
  );

/** What a snapshot alone folds to. */
function stored({ view, snapshot }: Comparison): ThreadView {
  const fold = createThreadFold(view.id);
  fold.merge(snapshot, 0);
  return fold.view();
}

/**
 * Where the fold and the snapshot differ until the snapshot is merged, and why. All other snapshots of
 * the recordings are equal to the fold, item for item.
 */
const exceptions = [
  {
    name: '08-disconnect-pending-reconnect.jsonl before',
    why: 'This socket was cut before the turn ended.',
  },
  {
    name: '08-disconnect-pending-reconnect.jsonl after',
    why: 'This socket was opened in the middle of the turn.',
  },
  {
    name: '08-disconnect-pending-reconnect.jsonl after-filtered',
    why: 'This socket was opened in the middle of the turn, for one thread.',
  },
];

const isException = ({ name }: Comparison): boolean =>
  exceptions.some((exception) => exception.name === name);

describe.each(['app-server', 'codex-manager'])('recordings of %s', (folder) => {
  const files = readdirSync(new URL(`../recordings/${folder}/`, import.meta.url));
  const all = files.flatMap((file) => compare(folder, file));

  test('hold snapshots to compare with', () => {
    expect(all.length).toBeGreaterThan(0);
  });

  test.each(all.filter((comparison) => !isException(comparison)))(
    'fold to the snapshot in $name',
    (comparison) => {
      expect(shown(comparison.view)).toEqual(shown(stored(comparison)));
    },
  );

  test('hold no exception that is not listed, and none that is none', () => {
    const differs = (one: Comparison) =>
      JSON.stringify(shown(one.view)) !== JSON.stringify(shown(stored(one)));
    const names = new Set(all.filter(differs).map(({ name }) => name));
    const known = exceptions.filter(({ name }) => all.some((one) => one.name === name));
    expect([...names].sort()).toEqual(known.map(({ name }) => name).sort());
  });

  test('fold to the snapshot of a thread that was heard in part once it is merged', () => {
    for (const comparison of all.filter(isException)) {
      expect(shown(comparison.joined())).toEqual(shown(stored(comparison)));
    }
  });
});
