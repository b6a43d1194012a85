import { describe, test } from '@jest/globals';
import { ofAppServer, type ConnectionStatus } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { map } from 'rxjs';

const short = (status: ConnectionStatus) =>
  status.state === 'open' ? status.phase : status.state === 'closed' ? status.reason : status.state;

const states = { c: 'connecting', o: 'opened', r: 'ready', w: 'waiting', x: 'closed', f: 'failed' };

describe('7. The stream never errors', () => {
  test('It lives on after lost connections, unreadable frames and failing handlers.', () => {
    marbles(({ stream, expectEnvelopes, expectObservable, expectErrors }) => {
      const source = stream('  -t-?-!-d-!--^-c-|');
      const events = '         -t-----d------c-|';
      const malformed = '      ---m------------|';
      const connections = '    -----2------3---|';
      const errors = '         -------d---------';
      const malformed$ = source.malformed$.pipe(map(({ reason }) => reason));
      const connections$ = source.gaps$.pipe(map(({ connection }) => `${connection}`));
      source.on(ofAppServer('item/agentMessage/delta'), () => {
        throw new Error('boom');
      });
      expectEnvelopes(source).toBe(events);
      expectObservable(malformed$).toBe(malformed, { m: 'not-json' });
      expectObservable(connections$).toBe(connections);
      expectErrors(source).toBe(errors, { d: new Error('boom') });
    });
  });

  const ends = [
    ['somebody closes it', '-----t----|', '(cor)-----(x|)'],
    ['it is let in no more', '-----t----#', '(cor)-----(wcf|)'],
  ] as const;

  test.each(ends)('It completes when %s, and its status says why.', (_, diagram, status) => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream(diagram);
      const events = '-----t----|';
      expectEnvelopes(source).toBe(events);
      expectObservable(source.status$.pipe(map(short))).toBe(status, states);
    });
  });
});
