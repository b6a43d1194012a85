import { test } from '@jest/globals';
import assert from 'node:assert/strict';
import { ofAppServer, type CodexStream } from 'codex-rx';
import { marbles } from 'codex-rx/testing';
import { timer, map } from 'rxjs';

/** Saves each turn that ends. Saving needs 2 ms, and throws for a failed turn. */
const saveTurns = (stream: CodexStream, saved: string[]) =>
  stream.on(
    ofAppServer('turn/completed'),
    ({ payload: { params } }) => {
      if (params.turn.status === 'failed') throw new Error('not this one');
      return timer(2).pipe(map(() => saved.push(params.turn.id)));
    },
    { name: 'save' },
  );

test('turns are saved, and a failure hinders no other', () => {
  const saved: string[] = [];
  marbles(({ stream, expectErrors, expectEnvelopes, flush }) => {
    const source = stream('   -t-f--T-C--|');
    const events = '          -t-f--T-C--|';
    const errors = '          ---f';
    saveTurns(source, saved);
    expectEnvelopes(source).toBe(events);
    expectErrors(source).toBe(errors, { f: { route: 'save', cause: new Error('not this one') } });
    flush();
    assert.deepEqual(saved, ['turn-2']);
  });
});
