import type { ServerRequest, Settlement } from '../requests/index.js';
import { textSince, type ItemView, type TurnView } from '../state/index.js';
import { visibleLine } from '../text/index.js';
import type { Colour } from './paint.js';

/** What a line says: its colour, its sign and its text. */
export type Line = readonly [colour: Colour, sign: string, text: string];

/** How much of a text that grows is looked at to show its end, in characters. */
const shownChars = 1_000;

/** An item that goes on; `null` for one that shows nothing yet. */
export function runningLine(item: ItemView, forMs: number): Line | null {
  switch (item.kind) {
    case 'agentMessage':
    case 'plan': {
      const text = textSince(item, Math.max(0, item.length - shownChars));
      return text === '' ? null : ['cyan', '‹', text];
    }
    case 'reasoning':
      return ['dim', '∴', lastLine(textSince(item, item.length - shownChars)) || 'thinking'];
    case 'commandExecution': {
      const output = lastLine(textSince(item, item.length - shownChars));
      const text = `${visibleLine(item.command)}  running ${seconds(forMs)}`;
      return ['yellow', '$', output === '' ? text : `${text}  ${output}`];
    }
    case 'placeholder':
      return ['dim', '…', lastLine(textSince(item, item.length - shownChars))];
    default: {
      const [, sign, text] = completedLine(item, forMs) ?? [];
      return sign === undefined ? null : ['yellow', sign, `${text ?? ''}  ${seconds(forMs)}`];
    }
  }
}

/** An item that is over; `null` for one that is not shown. */
export function completedLine(item: ItemView, forMs: number): Line | null {
  switch (item.kind) {
    case 'userMessage':
      return ['bold', '›', item.content.map(partOf).join('\n')];
    case 'agentMessage':
    case 'plan':
      return ['cyan', '‹', item.state === 'abandoned' ? `${item.text}\n(cut off)` : item.text];
    case 'commandExecution': {
      const { exitCode, durationMs, state, outcome } = item;
      const status = state === 'abandoned' ? 'abandoned' : outcome;
      const code = exitCode ? ` with ${exitCode}` : '';
      const head = `${visibleLine(item.command)}  ${status}${code}, ${seconds(durationMs ?? forMs)}`;
      return [exitCode === 0 ? 'green' : 'red', '$', `${head}\n${item.text}`.trimEnd()];
    }
    case 'fileChange': {
      const files = item.changes.map(({ path }) => visibleLine(path)).join(', ');
      return [item.outcome === 'declined' ? 'red' : 'green', '±', `${files}  ${item.outcome}`];
    }
    case 'subAgentActivity':
    case 'collabAgentToolCall':
    case 'mcpToolCall':
    case 'dynamicToolCall': {
      const { tool, agentPath, agentThreadId, kind, status } = item.item as unknown as Record<
        string,
        unknown
      >;
      const isAgent = item.kind === 'subAgentActivity' || item.kind === 'collabAgentToolCall';
      const what = isAgent
        ? `sub-agent ${wordOf(agentPath ?? agentThreadId ?? tool)}`
        : wordOf(tool);
      return [
        isAgent ? 'magenta' : 'green',
        isAgent ? '↳' : '⚙',
        `${what}  ${wordOf(kind ?? status)}`,
      ];
    }
    default:
      return null;
  }
}

/** A request that waits for somebody. */
export const waitingLine = (request: ServerRequest, now: number): Line => [
  'yellow',
  '?',
  `waits ${seconds(now - request.openedAt)}  ${asked(request)}`,
];

/** @param decision What the server has said of the answer, if it has. */
export const settledLine = (
  { request, outcome, waited }: Settlement,
  decision: string | undefined,
): Line => {
  const what = outcome.replace('-', ' ');
  const how = decision === undefined ? what : `${what}: ${visibleLine(decision)}`;
  return ['yellow', '!', `${asked(request)}  ${how} after ${seconds(waited)}`];
};

export const startedLine: Line = ['bold', '●', 'turn started'];

export function endedLine({ status, error, startedAtMs, completedAtMs }: TurnView): Line {
  const isTimed = startedAtMs !== null && completedAtMs !== null && completedAtMs > startedAtMs;
  const time = isTimed ? `, ${seconds(completedAtMs - startedAtMs)}` : '';
  const why = error ? `: ${error.message}` : '';
  return [status === 'completed' ? 'bold' : 'red', '■', `turn ${status}${time}${why}`];
}

function asked({ requestId, method, params }: ServerRequest): string {
  const { command, tool, reason } = Object(params) as Record<string, unknown>;
  const what = [command].flat().join(' ') || (tool ?? reason);
  const named = wordOf(what) || method;
  return `request ${visibleLine(`${requestId}: ${named}`)}`;
}

/** A time as people say it: `0.4 s`, `12 s`, `3 min 5 s`. */
function seconds(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000));
  if (whole < 10) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const lastLine = (text: string): string => visibleLine(text.trimEnd().split('\n').at(-1) ?? '');

const wordOf = (value: unknown): string => (typeof value === 'string' ? visibleLine(value) : '');

const partOf = (part: { readonly type: string }): string =>
  'text' in part ? String(part.text) : `[${part.type}]`;
