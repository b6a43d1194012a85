import { test } from '@jest/globals';
import assert from 'node:assert/strict';
import { ofAppServer } from 'codex-rx';
import { record, redact, replay } from 'codex-rx/recording';
import { marbles, notification } from 'codex-rx/testing';
import { map } from 'rxjs';

test('what was recorded is replayed, in its time and without its secrets', () => {
  const lines: string[] = [];
  marbles(({ hot, flush }) => {
    const delta = 'Write to ada@example.org.';
    const letters = { m: notification('item/agentMessage/delta', { delta }) };
    const events = hot('-t--m--c-|', letters);
    events.pipe(record(lines, { redact: redact() })).subscribe();
    flush();
  });
  assert.doesNotMatch(lines.join(''), /ada@/);
  marbles(({ expectObservable }) => {
    const texts = replay(lines.join('')).pipe(
      ofAppServer('item/agentMessage/delta'),
      map((event) => event.payload.params.delta),
    );
    expectObservable(texts).toBe('---m--|', { m: 'Write to <email 1>.' });
  });
});
