import { auditTime, asyncScheduler, interval, merge } from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import { ofType } from '../match/index.js';
import type { Settlement } from '../requests/index.js';
import type { ThreadState, TurnView } from '../state/index.js';
import type { CodexStream } from '../stream/index.js';
import {
  completedLine,
  endedLine,
  runningLine,
  settledLine,
  startedLine,
  waitingLine,
  type Line,
} from './tail-lines.js';
import { createScreen, type Placed } from './tail-screen.js';
import { tailThreads } from './tail-threads.js';
import type { Terminal } from './terminal.js';

/** What is shown of a turn: when its items were first seen, and which are written for good. */
interface Shown {
  readonly since: Map<string, number>;
  readonly written: Set<string>;
  isEnded: boolean;
}

/** How often the screen is drawn at most, and how often ages are, in ms. */
const [every, tick] = [80, 1_000];

/**
 * Shows what threads do as it is now: what is over is written once, and what goes on is drawn under
 * it until it is over, with how long it has taken or waited.
 */
export function showLive(stream: CodexStream, terminal: Terminal, only: string | undefined) {
  const screen = createScreen(terminal);
  const threads = tailThreads(stream, only);
  const shown = createBoundedMap<string, Shown>(1_000);
  const decisions = createBoundedMap<string, string>(1_000);
  const settled: Settlement[] = [];

  function draw(): void {
    const now = asyncScheduler.now();
    const done: Placed[] = [];
    const live: Placed[] = [];
    for (const state of threads.states.values()) drawThread(state, now, done, live);
    for (const settlement of settled.splice(0)) {
      const { requestId } = settlement.request;
      done.push(
        placed(settlement.request, settledLine(settlement, decisions.get(String(requestId)))),
      );
    }
    screen.draw(done, live, now);
  }

  const placed = (
    { threadId, turnId }: Pick<Placed, 'threadId' | 'turnId'>,
    line: Line,
  ): Placed => ({ threadId, turnId, depth: threads.depthOf(threadId), line });

  function drawThread(state: ThreadState, now: number, done: Placed[], live: Placed[]): void {
    for (const turn of state.turns.filter(({ id }) => threads.isHeard(id))) {
      drawTurn(state.id, turn, now, done, live);
    }
    for (const request of state.requests) live.push(placed(request, waitingLine(request, now)));
  }

  function drawTurn(
    threadId: string,
    turn: TurnView,
    now: number,
    done: Placed[],
    live: Placed[],
  ): void {
    const place = (list: Placed[], line: Line | null) => {
      if (line) list.push(placed({ threadId, turnId: turn.id }, line));
    };
    let known = shown.get(turn.id);
    if (!known) {
      shown.set(turn.id, (known = { since: new Map(), written: new Set(), isEnded: false }));
      place(done, startedLine);
    }
    for (const item of turn.items) {
      if (known.written.has(item.id)) continue;
      const first = known.since.get(item.id) ?? now;
      known.since.set(item.id, first);
      if (item.state === 'running') place(live, runningLine(item, now - first));
      else {
        known.written.add(item.id);
        place(done, completedLine(item, now - first));
      }
    }
    if (turn.status === 'inProgress' || known.isEnded) return;
    known.isEnded = true;
    place(done, endedLine(turn));
  }

  stream.on(
    ofType('approval_resolved', 'tool_call_resolved', 'tool_user_input_resolved'),
    function keepDecision({ requestId, payload }) {
      const { decision } = Object(payload) as { decision?: unknown };
      if (typeof decision === 'string') decisions.set(String(requestId), decision);
    },
  );
  stream.requests.settled$.subscribe((settlement) => settled.push(settlement));
  const drawing = merge(threads.changed$, stream.requests.settled$, interval(tick))
    .pipe(auditTime(every))
    .subscribe(draw);

  return {
    /** Makes room for something else. */
    clear() {
      screen.clear();
    },
    end() {
      drawing.unsubscribe();
      draw();
      screen.clear();
    },
  };
}
