import { test } from '@jest/globals';
import assert from 'node:assert/strict';
import { forThread, ofAppServer, type CodexStream } from 'codex-rx';
import { alphabet, marbles } from 'codex-rx/testing';
import { Subscription } from 'rxjs';

/** The state of a component that shows one thread, in any framework. */
class Conversation {
  text = '';
  busy = false;
  readonly #life = new Subscription();

  constructor(stream: CodexStream, threadId: string) {
    const mine = forThread(threadId);
    this.#life.add(stream.on(mine, ofAppServer('turn/started'), () => (this.busy = true)));
    this.#life.add(stream.on(mine, ofAppServer('turn/completed'), () => (this.busy = false)));
    this.#life.add(
      stream.on(mine, ofAppServer('item/agentMessage/delta'), ({ payload }) => {
        this.text += payload.params.delta;
      }),
    );
  }

  destroy() {
    this.#life.unsubscribe();
  }
}

test('a component shows its thread, and nothing once it is destroyed', () => {
  marbles(({ stream, flush }) => {
    const source = stream('-t-d-D-d-|');
    const component = new Conversation(source, 'thread-1');
    void source.connect();
    flush();
    assert.equal(component.text, 'HelloHello');
    assert.equal(component.busy, true);
    component.destroy();
    source.router.dispatch(alphabet.d);
    assert.equal(component.text, 'HelloHello');
  });
});
