import { connectManager } from '../manager/index.js';
import { connectAppServer } from '../node/index.js';
import { withoutSecrets } from '../recording/without-secrets.js';
import { runningText, startTurn, type TurnOutcome } from '../state/index.js';
import { visibleText } from '../text/index.js';
import type { Command } from './command.js';
import { firstAttempt } from './connection.js';
import { note } from './note.js';
import { showTrouble } from './show-session.js';
import type { Terminal } from './terminal.js';

type SendCommand = Extract<Command, { readonly name: 'send' }>;

/** What the outcome of a turn is as an exit code; 1 and 2 say that nothing was sent. */
const exitCodes: Readonly<Record<TurnOutcome['status'], number>> = {
  completed: 0,
  failed: 3,
  interrupted: 4,
  incomplete: 5,
};

/** Sends a message, and follows its turn to its end. Resolves with the exit code. */
export async function send(command: SendCommand, terminal: Terminal): Promise<number> {
  const { url, thread: threadId, text: input, whenBusy } = command;
  const options = { url, log: false, signal: terminal.interrupted } as const;
  const isAppServer = command.appServer || url.startsWith('unix:');
  const stream = isAppServer ? connectAppServer(options) : connectManager(options);
  const failure = await firstAttempt(stream);
  if (failure !== null) {
    await stream.close();
    note(terminal, `cannot send to ${withoutSecrets(url)}: ${failure}`);
    return 1;
  }
  showTrouble(stream, (trouble) => {
    note(terminal, trouble);
  });
  const turn = startTurn(stream, { threadId, input }, { whenBusy });
  turn.view$.pipe(runningText()).subscribe((text) => {
    terminal.out(visibleText(text));
  });
  let shown = 'running';
  turn.view$.subscribe(({ activity, outcome }) => {
    if (activity === shown || outcome) return;
    shown = activity;
    if (activity === 'queued' && whenBusy !== 'queue') return;
    if (activity !== 'running') note(terminal, activities[activity]);
  });
  const outcome = await turn.ended;
  if (outcome.status !== 'completed') note(terminal, sentence(outcome));
  await stream.close();
  return exitCodes[outcome.status];
}

const activities = {
  queued: 'waits for its turn',
  waiting: 'a request waits for an answer',
  stalled: 'nothing was heard for a while; the server says that the turn goes on',
};

function sentence({ status, by, delivered, error }: TurnOutcome): string {
  const why = error ? `: ${error.message}` : '';
  if (status !== 'incomplete')
    return `the turn was ${status}${why}`.replace('was failed', 'failed');
  if (delivered === false) return `the message was not delivered${why}`;
  return `the end of the turn is not known (${by})${why}`;
}
