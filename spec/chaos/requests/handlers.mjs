// Who answers, as seeded: at once, later, never, too late; who leaves it to the next one, and who
// fails.

import { Observable, timer, map } from 'rxjs';
import { answerTo, markOf } from './asked.mjs';

const plans = [
  { name: 'pass', weight: 30 },
  { name: 'now', weight: 15 },
  { name: 'promise', weight: 20, wait: [1, 150] },
  { name: 'observable', weight: 12, wait: [1, 150] },
  { name: 'never', weight: 8 },
  { name: 'late', weight: 6, wait: [300, 900] },
  { name: 'throws', weight: 4 },
  { name: 'rejects', weight: 3, wait: [1, 30] },
];

/** Some are left open, for the end. */
const isServed = ({ params, answerable }) => answerable && !markOf(params).includes('kept');

export function createHandlers({ stream, audit, random, source, control, patience }) {
  const { requests } = stream;
  const isPlain = source === 'manager';
  const { handler: around = (it) => it } = control;

  const make = (route) =>
    around(function handle(request, context) {
      const mark = markOf(request.params);
      const script = random.fork(`${route}/${mark}`);
      const run = audit.ran(route, request, context.signal);
      const answer = () => {
        const given = answerTo(request, script.chance(0.5), script, isPlain);
        audit.says(mark, given);
        run.isOver = true;
        return given;
      };
      const { name, wait } = isServed(request) ? script.weighted(plans) : plans[0];
      const after = wait && patience * script.between(...wait);
      context.because(name);
      switch (name) {
        case 'pass':
          run.isOver = true;
          return undefined;
        case 'now':
          return answer();
        case 'observable':
          return timer(after).pipe(map(answer));
        case 'throws':
          run.isOver = true;
          throw new Error('as planned');
        case 'never':
          return new Observable(() => undefined);
        default:
          return new Promise((resolve, reject) => {
            setTimeout(() => {
              if (name === 'rejects') {
                run.isOver = true;
                reject(new Error('as planned'));
              } else resolve(answer());
            }, after);
          });
      }
    });

  const first = make('first');
  const second = make('second');
  const serveFirst = () => requests.serve(() => true, first);
  let served = serveFirst();
  requests.serve(['item/commandExecution/requestApproval', 'item/tool/call'], second, {
    timeout: patience * 150,
    onError: 'fallback',
  });

  return {
    /** A subscriber of events$ answers some, and answers them again when they arrive again. */
    event(event) {
      const { params } = event.payload;
      const mark = markOf(params);
      const script = random.fork(`event/${mark}`);
      if (mark.includes('kept') || !script.chance(0.15)) return;
      const given = answerTo(event.payload, script.chance(0.5), script, isPlain);
      audit.says(mark, given);
      requests.answer(event, given, { by: 'event' }).catch(audit.notCounted);
    },
    /** The first handler goes, and comes back. */
    async reserve(wait) {
      audit.removed('first');
      served.unsubscribe();
      await wait;
      served = serveFirst();
    },
    /** Somebody looks at what is pending, and answers one. */
    human(script) {
      const request = script.pick(audit.pending().filter(isServed));
      if (request === undefined) return;
      const given = answerTo(request, script.chance(0.5), script, isPlain);
      audit.says(markOf(request.params), given);
      requests.answer(request, given, { by: 'human' }).catch(audit.notCounted);
    },
    /** Somebody says that this client cannot answer. */
    refuse(script) {
      const request = script.pick(audit.pending().filter(isServed));
      if (request === undefined || source !== 'app-server') return;
      audit.refuses(markOf(request.params));
      void requests.refuse(request, 'not here');
    },
  };
}
