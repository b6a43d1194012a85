import { connectManager, threadList, type ThreadSummary } from 'codex-rx';
import { startFakeManager } from 'codex-rx/testing';
import { filter, firstValueFrom } from 'rxjs';

const server = await startFakeManager();
const [busy, waiting] = [server.session(), server.session()];
const stream = connectManager({ url: server.url });

/** One line for each agent; those that need you stand first. */
const lineOf = ({ id, need, requests }: ThreadSummary): string =>
  [id, need, ...requests.map(({ kind }) => kind)].join(' · ');

const threads$ = threadList(stream, { every: 20 });
const both = firstValueFrom(
  threads$.pipe(
    filter(([first, second]) => first?.need === 'waiting' && second?.need === 'running'),
  ),
  { defaultValue: [] },
);
await stream.connect();

server.startTurn(busy).say('On it.');
void server
  .startTurn(waiting)
  .request('item/commandExecution/requestApproval', { itemId: 'item-1', command: 'ls' });

console.log((await both).map(lineOf).join('\n'));
await stream.close();
await server.close();
