import { merge, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { Incoming } from '../protocol/index.js';
import {
  ofAppServer,
  ofAppServerRequest,
  ofPrefix,
  ofTurnStarted,
  ofType,
} from '../match/index.js';
import type { StreamContext } from '../router/index.js';
import { visibleJson, visibleLine } from '../text/index.js';
import type { CodexStream } from '../stream/index.js';
import type { Colour } from './paint.js';
import type { Terminal } from './terminal.js';
import type { Timeline } from './timeline.js';

/** A stream, or a router that gets events from elsewhere. */
type Source = Pick<CodexStream, 'on'>;

/** Shows events as the options say: as a session, by their types, or as JSON. */
export function showEvents(
  stream: Source,
  { prefixes, json }: { readonly prefixes: readonly string[]; readonly json: boolean },
  terminal: Terminal,
  timeline: Timeline,
): void {
  const [first = '', ...others] = prefixes;
  if (json) {
    stream.on(ofPrefix(first, ...others), function printJson(event) {
      terminal.out(`${visibleJson(JSON.stringify(event))}\n`);
    });
  } else if (prefixes.length > 0) {
    stream.on(ofPrefix(first, ...others), function showType(event, context) {
      timeline.event(event, context, 'cyan', '·', visibleLine(event.type));
    });
  } else {
    showSession(stream, timeline);
  }
}

type Line = readonly [colour: Colour, mark: string, text: string];

/** Shows what a session says and does: a handler for each kind of event that people want to see. */
export function showSession(stream: Source, timeline: Timeline): void {
  function show<Event extends Envelope>(
    name: string,
    matcher: OperatorFunction<Envelope, Event>,
    lineOf: (event: Event) => Line | null,
  ): void {
    const handler = (event: Event, context: StreamContext) => {
      const line = lineOf(event);
      if (line) timeline.event(event, context, ...line);
    };
    stream.on(matcher, handler, { name });
  }

  show('showThread', ofAppServer('thread/started'), () => ['dim', '○', 'thread started']);
  show('showTurn', ofTurnStarted(), () => ['bold', '●', 'turn started']);
  show('showPrompt', ofAppServer('item/started'), ({ payload: { params } }) =>
    params.item.type === 'userMessage' ? ['bold', '›', promptOf(params.item)] : null,
  );
  stream.on(ofAppServer('item/agentMessage/delta'), function showText(event, context) {
    const { itemId, delta } = event.payload.params;
    timeline.grow(event, context, itemId, '‹', delta);
  });
  show('showResult', ofAppServer('item/completed'), ({ payload: { params } }) =>
    resultOf(params.item),
  );
  show('showRequest', ofAppServerRequest(), ({ payload: { method, params, requestId } }) => {
    const asked = visibleLine(`${requestId}: ${method}`);
    return ['yellow', '?', `request ${asked}  ${askedFor(params)}`];
  });
  const resolved = ofType('approval_resolved', 'tool_call_resolved', 'tool_user_input_resolved');
  show('showAnswer', resolved, ({ requestId, payload }) => {
    const { status, decision } = payload as { status?: string; decision?: string };
    return ['yellow', '!', `request ${requestId} ${status}${decision ? `: ${decision}` : ''}`];
  });
  show('showError', ofAppServer('error'), ({ payload: { params } }) => [
    'red',
    '✗',
    params.error.message,
  ]);
  show('showEnd', ofAppServer('turn/completed'), ({ payload: { params } }) => {
    const { status } = params.turn;
    return [status === 'completed' ? 'bold' : 'red', '■', `turn ${status}`];
  });
}

/** Reports losses and frames that cannot be read, as soon as they are known. */
export function showTrouble(stream: CodexStream, note: (text: string) => void): void {
  merge(stream.malformed$, stream.router.errors$).subscribe(({ message }) => {
    note(message);
  });
  stream.gaps$.subscribe(({ duration }) => {
    note(`Reconnected. The events of the last ${(duration / 1_000).toFixed(1)} s are missing.`);
  });
  stream.status$.subscribe((status) => {
    if (status.state !== 'waiting') return;
    note(`${status.error.message} Trying again in ${(status.delay / 1_000).toFixed(1)} s.`);
  });
}

function resultOf(item: Incoming.ThreadItem): Line | null {
  if (item.type === 'commandExecution') {
    const output = item.aggregatedOutput?.trimEnd();
    const text = `${visibleLine(item.command)}  ${item.status}${output ? `\n${output}` : ''}`;
    return [item.exitCode === 0 ? 'green' : 'red', '$', text];
  }
  if (item.type === 'fileChange') {
    const files = item.changes.map(({ path }) => visibleLine(path)).join(', ');
    return ['green', '±', `${files}  ${item.status}`];
  }
  if (item.type !== 'dynamicToolCall') return null;
  return [item.success ? 'green' : 'red', '⚙', `${item.tool}  ${item.status}`];
}

const promptOf = ({ content }: Incoming.UserMessageThreadItem): string =>
  content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n');

function askedFor(params: unknown): string {
  const { command, tool, reason } = params as {
    command?: string | readonly string[];
    tool?: string;
    reason?: string;
  };
  const named = command ?? tool;
  return named === undefined ? (reason ?? '') : visibleLine(String(named));
}
