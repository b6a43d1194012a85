import { matching, ofPrefix, ofType } from '../../match/index.js';
import type { HandlerError, StreamRouter } from '../../router/index.js';
import { envelope } from '../builders/envelopes.js';
import { show } from './show.js';

/** One thing that a router must hold to. Its `run` throws an Error if the router does not. */
export interface RouterCheck {
  readonly title: string;
  readonly run: (router: StreamRouter) => void | Promise<void>;
}

const [a, b] = [envelope('a'), envelope('b')];

/** What a stream expects of any router: the invariants that `describeRouter` checks. */
export const routerChecks: readonly RouterCheck[] = [
  {
    title: 'runs every route that matches, in the order of registration',
    run(router) {
      const log: string[] = [];
      router.on(ofPrefix(''), () => log.push('prefix'));
      router.on(ofType('a'), () => log.push('type'));
      router.on(ofType('b'), () => log.push('other'));
      router.on(
        matching(() => true),
        () => log.push('guard'),
      );
      router.dispatch(a);
      same(log, ['prefix', 'type', 'guard']);
    },
  },
  {
    title: 'keeps the order of events for each handler',
    run(router) {
      const log: string[] = [];
      router.on(ofPrefix(''), ({ type }) => log.push(type));
      for (const event of [a, b, b, a]) router.dispatch(event);
      same(log, ['a', 'b', 'b', 'a']);
    },
  },
  {
    title: 'keeps the order for a handler that returns promises',
    async run(router) {
      const log: string[] = [];
      router.on(ofPrefix(''), async ({ type }) => {
        log.push(`${type} begins`);
        await later();
        log.push(`${type} ends`);
      });
      router.dispatch(a);
      router.dispatch(b);
      await until(() => log.length === 4);
      same(log, ['a begins', 'a ends', 'b begins', 'b ends']);
    },
  },
  {
    title: 'goes on after a handler that throws, and reports it',
    run(router) {
      const { log, errors } = listen(router);
      router.on(ofType('a'), fail, { name: 'broken' });
      router.on(ofType('a'), () => log.push('after'));
      router.dispatch(a);
      router.dispatch(a);
      same(log, ['after', 'after']);
      same(errors.map(told), ['broken: boom', 'broken: boom']);
    },
  },
  {
    title: 'goes on after a handler whose promise rejects, and reports it',
    async run(router) {
      const { log, errors } = listen(router);
      router.on(ofType('a'), () => later().then(fail), { name: 'broken' });
      router.on(ofType('a'), () => log.push('after'));
      router.dispatch(a);
      router.dispatch(a);
      await until(() => errors.length === 2 && log.length === 2);
      same(log, ['after', 'after']);
      same(errors.map(told), ['broken: boom', 'broken: boom']);
    },
  },
  {
    title: 'goes on after a matcher that throws, and reports it',
    run(router) {
      const { log, errors } = listen(router);
      router.on(matching(fail), () => log.push('never'), { name: 'broken' });
      router.on(ofType('a'), () => log.push('after'));
      router.dispatch(a);
      same(log, ['after']);
      same(errors.map(told), ['broken: boom']);
    },
  },
  {
    title: 'is not harmed by a listener of errors$ that throws',
    run(router) {
      const log: string[] = [];
      router.errors$.subscribe(fail);
      router.on(ofType('a'), fail);
      router.on(ofType('a'), () => log.push('after'));
      quietly(() => {
        router.dispatch(a);
      });
      same(log, ['after']);
    },
  },
  {
    title: 'waits for no handler in dispatch',
    run(router) {
      const log: string[] = [];
      router.on(ofPrefix(''), () => new Promise(() => undefined));
      router.on(ofPrefix(''), ({ type }) => log.push(type));
      router.dispatch(a);
      router.dispatch(b);
      same(log, ['a', 'b']);
    },
  },
  {
    title: 'dispatches what a handler emits after the event has reached every handler',
    run(router) {
      const log: string[] = [];
      router.on(ofType('a'), () => {
        router.dispatch(b);
      });
      router.on(ofPrefix(''), ({ type }) => log.push(`first ${type}`));
      router.on(ofPrefix(''), ({ type }) => log.push(`second ${type}`));
      router.dispatch(a);
      same(log, ['first a', 'second a', 'first b', 'second b']);
    },
  },
  {
    title: 'shows a route that is added during dispatch the next event first',
    run(router) {
      const log: string[] = [];
      router.on(ofType('a'), () => {
        router.on(ofPrefix(''), ({ type }) => log.push(type));
      });
      router.dispatch(a);
      router.dispatch(b);
      same(log, ['b']);
    },
  },
  {
    title: 'shows a route that was removed nothing more, not even the current event',
    run(router) {
      const log: string[] = [];
      router.on(ofType('a'), () => {
        removed.unsubscribe();
      });
      const removed = router.on(ofPrefix(''), ({ type }) => log.push(type));
      router.dispatch(b);
      router.dispatch(a);
      router.dispatch(b);
      same(log, ['b']);
    },
  },
];

function listen(router: StreamRouter): { log: string[]; errors: HandlerError[] } {
  const errors: HandlerError[] = [];
  router.errors$.subscribe((error) => errors.push(error));
  return { log: [], errors };
}

const told = ({ route, cause }: HandlerError): string => `${route}: ${(cause as Error).message}`;

function fail(): never {
  throw new Error('boom');
}

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function until(done: () => boolean): Promise<void> {
  for (let turns = 0; turns < 100 && !done(); turns++) await later();
}

/** Keeps a failure that is meant to happen off the console. */
function quietly(task: () => void): void {
  const { error } = console;
  console.error = () => undefined;
  try {
    task();
  } finally {
    console.error = error;
  }
}

function same(actual: unknown, expected: unknown): void {
  if (show(actual) === show(expected)) return;
  throw new Error(`Expected ${show(expected)}, got ${show(actual)}`);
}
