import { merge } from 'rxjs';
import type { Incoming } from '../protocol/index.js';
import {
  ofAppServer,
  ofAppServerRequest,
  ofPrefix,
  ofTurnStarted,
  ofType,
} from '../match/index.js';
import { visibleJson, visibleLine } from '../text/index.js';
import type { CodexStream } from '../stream/index.js';
import type { Terminal } from './terminal.js';
import type { Timeline } from './timeline.js';

/** What events are shown of: a stream, or a router that is fed otherwise. */
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

/** Shows what a session says and does: a route for each kind of event that a person wants to see. */
export function showSession(stream: Source, timeline: Timeline): void {
  stream.on(ofAppServer('thread/started'), function showThread(event, context) {
    timeline.event(event, context, 'dim', '○', 'thread started');
  });

  stream.on(ofTurnStarted(), function showTurn(event, context) {
    timeline.event(event, context, 'bold', '●', 'turn started');
  });

  stream.on(ofAppServer('item/started'), function showPrompt(event, context) {
    const { item } = event.payload.params;
    if (item.type === 'userMessage') timeline.event(event, context, 'bold', '›', promptOf(item));
  });

  stream.on(ofAppServer('item/agentMessage/delta'), function showText(event, context) {
    const { itemId, delta } = event.payload.params;
    timeline.grow(event, context, itemId, '‹', delta);
  });

  stream.on(ofAppServer('item/completed'), function showResult(event, context) {
    const { item } = event.payload.params;
    if (item.type === 'commandExecution') {
      const ok = item.exitCode === 0;
      const output = item.aggregatedOutput?.trimEnd();
      const text = `${visibleLine(item.command)}  ${item.status}${output ? `\n${output}` : ''}`;
      timeline.event(event, context, ok ? 'green' : 'red', '$', text);
    } else if (item.type === 'fileChange') {
      const files = item.changes.map(({ path }) => visibleLine(path)).join(', ');
      timeline.event(event, context, 'green', '±', `${files}  ${item.status}`);
    } else if (item.type === 'dynamicToolCall') {
      timeline.event(
        event,
        context,
        item.success ? 'green' : 'red',
        '⚙',
        `${item.tool}  ${item.status}`,
      );
    }
  });

  stream.on(ofAppServerRequest(), function showRequest(event, context) {
    const { method, params, requestId } = event.payload;
    timeline.event(
      event,
      context,
      'yellow',
      '?',
      `request ${visibleLine(`${requestId}: ${method}`)}  ${askedFor(params)}`,
    );
  });

  stream.on(
    ofType('approval_resolved', 'tool_call_resolved', 'tool_user_input_resolved'),
    function showAnswer(event, context) {
      const { status, decision } = event.payload as { status?: string; decision?: string };
      const how = decision ? `${status}: ${decision}` : status;
      timeline.event(event, context, 'yellow', '!', `request ${event.requestId} ${how}`);
    },
  );

  stream.on(ofAppServer('error'), function showError(event, context) {
    timeline.event(event, context, 'red', '✗', event.payload.params.error.message);
  });

  stream.on(ofAppServer('turn/completed'), function showEnd(event, context) {
    const { status } = event.payload.params.turn;
    timeline.event(event, context, status === 'completed' ? 'bold' : 'red', '■', `turn ${status}`);
  });
}

/** Tells of what is lost or cannot be read, as soon as it is known. */
export function showTrouble(stream: CodexStream, note: (text: string) => void): void {
  merge(stream.malformed$, stream.router.errors$).subscribe(({ message }) => {
    note(message);
  });
  stream.gaps$.subscribe(({ duration }) => {
    note(`Reconnected. Nothing is known of the last ${(duration / 1_000).toFixed(1)} s.`);
  });
  stream.status$.subscribe((status) => {
    if (status.state !== 'waiting') return;
    note(`${status.error.message} Trying again in ${(status.delay / 1_000).toFixed(1)} s.`);
  });
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
