import { matching, ofPrefix, ofType } from '../../match/index.js';
import type { HandlerError, StreamRouter } from '../../router/index.js';
import { envelope } from '../builders/envelopes.js';
import { checksOf, type Check } from './check.js';
import { expectSame } from './expectation.js';

/** One thing that a router must hold to. */
export type RouterCheck = Check<StreamRouter, void | Promise<void>>;

const [a, b] = [envelope('a'), envelope('b')];

/** What a stream expects of any router: the invariants that `describeRouter` checks. */
export const routerChecks: readonly RouterCheck[] = checksOf({
  'runs every route that matches, in the order of registration'(router) {
    const log: string[] = [];
    router.on(ofPrefix(''), () => log.push('prefix'));
    router.on(ofType('a'), () => log.push('type'));
    router.on(ofType('b'), () => log.push('other'));
    router.on(
      matching(() => true),
      () => log.push('guard'),
    );
    router.dispatch(a);
    expectSame('the calls of the handlers', log, ['prefix', 'type', 'guard']);
  },
  'keeps the order of events for each handler'(router) {
    const log: string[] = [];
    router.on(ofPrefix(''), ({ type }) => log.push(type));
    for (const event of [a, b, b, a]) router.dispatch(event);
    expectSame('the calls of the handlers', log, ['a', 'b', 'b', 'a']);
  },
  async 'keeps the order for a handler that returns promises'(router) {
    const log: string[] = [];
    router.on(ofPrefix(''), async ({ type }) => {
      log.push(`${type} begins`);
      await nextTick();
      log.push(`${type} ends`);
    });
    router.dispatch(a);
    router.dispatch(b);
    await until(() => log.length === 4);
    expectSame('the calls of the handlers', log, ['a begins', 'a ends', 'b begins', 'b ends']);
  },
  'goes on after a handler that throws, and reports it'(router) {
    const { log, errors } = listen(router);
    router.on(ofType('a'), fail, { name: 'broken' });
    router.on(ofType('a'), () => log.push('after'));
    router.dispatch(a);
    router.dispatch(a);
    expectSame('the calls of the handlers', log, ['after', 'after']);
    expectSame('the reports on errors$', errors.map(report), ['broken: boom', 'broken: boom']);
  },
  async 'goes on after a handler whose promise rejects, and reports it'(router) {
    const { log, errors } = listen(router);
    router.on(ofType('a'), () => nextTick().then(fail), { name: 'broken' });
    router.on(ofType('a'), () => log.push('after'));
    router.dispatch(a);
    router.dispatch(a);
    await until(() => errors.length === 2 && log.length === 2);
    expectSame('the calls of the handlers', log, ['after', 'after']);
    expectSame('the reports on errors$', errors.map(report), ['broken: boom', 'broken: boom']);
  },
  'goes on after a matcher that throws, and reports it'(router) {
    const { log, errors } = listen(router);
    router.on(matching(fail), () => log.push('never'), { name: 'broken' });
    router.on(ofType('a'), () => log.push('after'));
    router.dispatch(a);
    expectSame('the calls of the handlers', log, ['after']);
    expectSame('the reports on errors$', errors.map(report), ['broken: boom']);
  },
  'is not harmed by a listener of errors$ that throws'(router) {
    const log: string[] = [];
    router.errors$.subscribe(fail);
    router.on(ofType('a'), fail);
    router.on(ofType('a'), () => log.push('after'));
    quietly(() => {
      router.dispatch(a);
    });
    expectSame('the calls of the handlers', log, ['after']);
  },
  'waits for no handler in dispatch'(router) {
    const log: string[] = [];
    router.on(ofPrefix(''), () => new Promise(() => undefined));
    router.on(ofPrefix(''), ({ type }) => log.push(type));
    router.dispatch(a);
    router.dispatch(b);
    expectSame('the calls of the handlers', log, ['a', 'b']);
  },
  'dispatches what a handler emits after the event has reached every handler'(router) {
    const log: string[] = [];
    router.on(ofType('a'), () => {
      router.dispatch(b);
    });
    router.on(ofPrefix(''), ({ type }) => log.push(`first ${type}`));
    router.on(ofPrefix(''), ({ type }) => log.push(`second ${type}`));
    router.dispatch(a);
    expectSame('the calls of the handlers', log, ['first a', 'second a', 'first b', 'second b']);
  },
  'shows a route that is added during dispatch the next event first'(router) {
    const log: string[] = [];
    router.on(ofType('a'), () => {
      router.on(ofPrefix(''), ({ type }) => log.push(type));
    });
    router.dispatch(a);
    router.dispatch(b);
    expectSame('the calls of the handlers', log, ['b']);
  },
  'shows a route that was removed nothing more, not even the current event'(router) {
    const log: string[] = [];
    router.on(ofType('a'), () => {
      removed.unsubscribe();
    });
    const removed = router.on(ofPrefix(''), ({ type }) => log.push(type));
    router.dispatch(b);
    router.dispatch(a);
    router.dispatch(b);
    expectSame('the calls of the handlers', log, ['b']);
  },
});

function listen(router: StreamRouter): { log: string[]; errors: HandlerError[] } {
  const errors: HandlerError[] = [];
  router.errors$.subscribe((error) => errors.push(error));
  return { log: [], errors };
}

const report = ({ route, cause }: HandlerError): string => `${route}: ${(cause as Error).message}`;

function fail(): never {
  throw new Error('boom');
}

const nextTick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function until(done: () => boolean): Promise<void> {
  for (let turns = 0; turns < 100 && !done(); turns++) await nextTick();
}

/** Keeps an expected failure off the console. */
function quietly(task: () => void): void {
  const { error } = console;
  console.error = () => undefined;
  try {
    task();
  } finally {
    console.error = error;
  }
}
