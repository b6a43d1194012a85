import type { Envelope } from '../../envelope/index.js';
import { mustBe, mustBeKnown } from '../../options/index.js';
import * as standard from './defaults/ids.js';
import { notifications } from './defaults/params.js';
import { notification, request } from './envelopes.js';

/** A command that the agent runs in a turn. */
export interface TurnCommand {
  readonly command: string;
  /** @default none */
  readonly output?: string;
  /**
   * With another the command has failed.
   *
   * @default 0
   */
  readonly exitCode?: number;
  /**
   * How its request for approval is answered. With `pending` it is not, and the turn stops there.
   *
   * @default it needs none
   */
  readonly approval?: 'accept' | 'decline' | 'pending';
}

/** What happens in the turn. */
export interface TurnOptions {
  /** @default `thread-1` */
  readonly threadId?: string;
  /** @default `turn-1` */
  readonly turnId?: string;
  /**
   * What the user says.
   *
   * @default `Say hello.`
   */
  readonly prompt?: string;
  /**
   * The commands that the agent runs before it speaks, in this order.
   *
   * @default none
   */
  readonly commands?: readonly (string | TurnCommand)[];
  /**
   * What the agent says: each text is a delta.
   *
   * @default `Hello` and ` world!`
   */
  readonly text?: string | readonly string[];
  /**
   * How the turn ends. The message of one that failed or was interrupted is not completed.
   *
   * @default `completed`; with a `pending` approval the turn does not end
   */
  readonly status?: 'completed' | 'failed' | 'interrupted';
  /**
   * Why it has `failed`.
   *
   * @default `The server is overloaded.`
   */
  readonly error?: string;
}

const turnOptionNames = [
  'threadId',
  'turnId',
  'prompt',
  'commands',
  'text',
  'status',
  'error',
] as const satisfies readonly (keyof TurnOptions)[];

/**
 * The events of a whole turn, in the order in which Codex sends them: its start, the user's
 * message, commands with their approvals (whose ids count from 0), the deltas of the agent's
 * message, its end.
 *
 * @example
 * const events = turn({ commands: [{ command: 'rm a', approval: 'decline' }], text: ['No', '.'] });
 * from(events).pipe(ofAppServer('item/completed'))
 *
 * @throws TypeError for a turn that is `completed` and waits for an approval.
 */
export function turn(options: TurnOptions = {}): readonly Envelope[] {
  mustBeKnown('', options, turnOptionNames);
  const { threadId = standard.threadId, turnId = standard.turnId } = options;
  const { prompt = 'Say hello.', commands = [], text = ['Hello', ' world!'] } = options;
  const ids = { threadId, turnId };
  const all = commands.map((one) => (typeof one === 'string' ? { command: one } : one));
  const pending = all.findIndex(({ approval }) => approval === 'pending');
  const waits = pending >= 0;
  const { status = waits ? null : 'completed' } = options;
  mustBe(!waits || status !== 'completed', 'status', 'left out, or how a turn ends that waits');

  const events: Envelope[] = [notification('turn/started', { threadId, turn: { id: turnId } })];
  let items = 0;
  let requests = 0;

  function begin<Item extends object>(item: Item): Item & { readonly id: string } {
    const begun = { ...item, id: `${turnId}-item-${++items}` };
    events.push(notification('item/started', { ...ids, item: begun as never }));
    return begun;
  }

  function end(item: object): void {
    events.push(notification('item/completed', { ...ids, item: item as never }));
  }

  const resolve = (requestId: number) =>
    events.push(notification('serverRequest/resolved', { threadId, requestId }));

  function run({ command, output = '', exitCode = 0, approval }: TurnCommand): void {
    const item = begin({ type: 'commandExecution', command });
    const itemId = item.id;
    if (approval !== undefined) {
      const id = requests++;
      const asked = { ...ids, itemId, command };
      events.push(request('item/commandExecution/requestApproval', asked, { id }));
      if (approval === 'pending') return;
      resolve(id);
    }
    if (approval === 'decline') {
      const nothing = { aggregatedOutput: null, exitCode: null, durationMs: null };
      end({ ...item, ...nothing, status: 'declined' });
      return;
    }
    const delta = { ...ids, itemId, delta: output };
    if (output !== '') events.push(notification('item/commandExecution/outputDelta', delta));
    const result = exitCode === 0 ? 'completed' : 'failed';
    end({ ...item, aggregatedOutput: output, exitCode, status: result });
  }

  function speak(): void {
    const item = begin({ type: 'agentMessage' });
    const deltas = typeof text === 'string' ? [text] : text;
    for (const delta of deltas) {
      events.push(notification('item/agentMessage/delta', { ...ids, itemId: item.id, delta }));
    }
    if (status === 'completed') end({ ...item, text: deltas.join('') });
  }

  function finish(how: NonNullable<typeof status>): void {
    const { message, ...rest } = notifications.error.error;
    const error = { message: options.error ?? message, ...rest };
    const hasFailed = how === 'failed';
    if (hasFailed) events.push(notification('error', { ...ids, error }));
    const ended = { id: turnId, status: how, ...(hasFailed && { error }) };
    events.push(notification('turn/completed', { threadId, turn: ended }));
    // Codex announces it after the end.
    if (waits) resolve(requests - 1);
  }

  end(begin({ type: 'userMessage', content: [{ type: 'text', text: prompt, text_elements: [] }] }));
  for (const command of waits ? all.slice(0, pending + 1) : all) run(command);
  if (!waits) speak();
  if (status !== null) finish(status);
  return events;
}
