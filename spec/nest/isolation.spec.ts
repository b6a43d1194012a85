import { Controller } from '@nestjs/common';
import { afterEach, expect, test } from '@jest/globals';
import { ofAppServer, type AppServerEvent } from 'codex-rx';
import { OnCodex } from 'codex-rx/nest';
import { notification } from 'codex-rx/testing';
import { concat, timer, throwError, type Observable } from 'rxjs';
import { startStage, type Stage } from './support/stage.js';
import { until } from '../support/until.js';

type Started = AppServerEvent<'turn/started'>;

let stage: Stage | null = null;

afterEach(() => stage?.close());

test('three handlers of one pattern: what one throws touches no other, and is reported', async () => {
  const seen: string[] = [];

  @Controller()
  class Handlers {
    @OnCodex(ofAppServer('turn/started'))
    first(event: Started) {
      seen.push(`first ${event.turnId}`);
    }

    @OnCodex(ofAppServer('turn/started'))
    second(): Observable<never> {
      return concat(
        timer(1),
        throwError(() => new Error('The second fails.')),
      ) as never;
    }

    @OnCodex(ofAppServer('turn/started'))
    async third(event: Started) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(`third ${event.turnId}`);
    }
  }

  stage = await startStage({ controllers: [Handlers] });
  for (const id of ['a', 'b']) stage.server.send(notification('turn/started', { turn: { id } }));
  await until(() => seen.length === 4 && stage!.errors.length === 2);
  expect(seen.filter((each) => each.startsWith('first'))).toEqual(['first a', 'first b']);
  expect(seen.filter((each) => each.startsWith('third'))).toEqual(['third a', 'third b']);
  expect(stage.errors.map(({ route, envelope }) => [route, envelope?.turnId])).toEqual([
    ['Handlers.second', 'a'],
    ['Handlers.second', 'b'],
  ]);
});
