import { expect, test } from '@jest/globals';
import { ofType } from 'codex-rx';
import { readRecording } from 'codex-rx/recording';
import { readFileSync } from 'node:fs';
import { of } from 'rxjs';
import { toEvent } from '../../lib/app-server/to-event.js';
import { readMessage } from '../../lib/app-server/message.js';
import { createRequests } from '../../lib/requests/index.js';
import { connect, next, short, startManager } from './stage-manager.js';
import { portOf } from './stage.js';

const read = (folder: string, name: string) =>
  readRecording(
    readFileSync(new URL(`../recordings/${folder}/${name}.jsonl`, import.meta.url), 'utf8'),
  );

/** What a client sees that only looks on, while another answers. */
test.each<[string, string[]]>([
  ['01-plain-turn', []],
  ['02-shell-approval', ['0 answered-elsewhere resolved']],
  ['02b-shell-decline-cancel', ['1 answered-elsewhere resolved', '2 answered-elsewhere resolved']],
  ['03-file-change-approval', ['3 answered-elsewhere resolved']],
  [
    '04-dynamic-tool-call',
    [
      '0 answered-elsewhere resolved',
      '1 answered-elsewhere resolved',
      '2 answered-elsewhere resolved',
    ],
  ],
  ['09-tool-user-input', ['3 answered-elsewhere resolved']],
  ['17-interrupt-while-pending', ['8 expired turn-ended', '9 expired turn-ended']],
])('the requests of a recorded codex-manager settle as they did: %s', async (name, expected) => {
  const server = await startManager();
  const stream = await connect(server);
  const ends: string[] = [];
  stream.requests.settled$.subscribe((settlement) => ends.push(short(settlement)));
  await server.play(read('codex-manager', name));
  const last = next(stream.events$.pipe(ofType('the last')));
  for (const socket of server.sockets) {
    socket.send({ type: 'the last', threadId: null, payload: null });
  }
  await last;
  expect(ends).toEqual(expected);
  expect(stream.requests.stats().opened).toBe(ends.length);
});

test.each<[string, string[]]>([
  ['plain', ['of 0']],
  ['shell-approval-accept', ['0 answered-elsewhere resolved', 'of 1']],
  ['shell-approval-decline', ['1 answered-elsewhere resolved', 'of 1']],
  ['patch-approval-accept', ['6 answered-elsewhere resolved', 'of 1']],
  [
    'dynamic-tool',
    [
      '8 answered-elsewhere item-completed',
      '9 answered-elsewhere item-completed',
      '10 answered-elsewhere item-completed',
      'of 3',
    ],
  ],
  ['user-input', ['11 answered-elsewhere resolved', 'of 1']],
  ['interrupt', ['15 expired turn-ended', 'of 1']],
  ['mcp-elicitation', ['0 answered-elsewhere resolved', 'of 1']],
  ['permissions-request', ['6 answered-elsewhere resolved', 'of 1']],
  ['pending-disconnect', ['19 answered-elsewhere resolved', 'of 1']],
  [
    'two-clients',
    [
      '16 answered-elsewhere resolved',
      '17 answered-elsewhere resolved',
      '18 answered-elsewhere resolved',
      'of 3',
    ],
  ],
])('the requests of a recorded app-server settle as they did: %s', (name, expected) => {
  const { requests, observe } = createRequests(portOf(() => of({ status: 'sent' })));
  const ends: string[] = [];
  requests.settled$.subscribe((settlement) => ends.push(short(settlement)));
  for (const { dir, frame } of read('app-server', name).entries) {
    const isMessage = dir === 'in' && typeof frame === 'object' && 'method' in (frame as object);
    if (isMessage) observe(toEvent(readMessage(JSON.stringify(frame)) as never));
  }
  expect([...ends, `of ${requests.stats().opened}`]).toEqual(expected);
});
