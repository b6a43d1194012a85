import { createRouter, matching, ofPrefix, ofType } from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import { concat, finalize, map, Observable, of, tap, throwError, timer } from 'rxjs';

// A process of its own, with nothing around it that would catch what escapes from a router: it has
// every kind of failure, prints what escaped, and how many reports there were.

const escaped: string[] = [];
process.on('uncaughtException', (error) => escaped.push(`uncaught ${error.message}`));
process.on('unhandledRejection', (error) => escaped.push(`unhandled ${String(error)}`));

const boom = (): never => {
  throw new Error('boom');
};
const soon = () => new Promise((resolve) => setTimeout(resolve, 1));
const any = ofPrefix('');
const router = createRouter();
let reports = 0;

router.on(any, boom);
router.on(any, () => Promise.reject(new Error('boom')));
router.on(any, () => soon().then(boom));
router.on(any, () => throwError(() => new Error('boom')));
router.on(any, () => timer(1).pipe(tap(boom)));
router.on(any, () => timer(1).pipe(finalize(boom)));
router.on(any, () => concat(timer(1), new Observable(() => boom)), { strategy: 'switch' });
router.on(any, async function* () {
  await soon();
  yield boom();
});
router.on(any, () => ({ then: boom }));
router.on(any, () => undefined, { key: boom });
router.on(matching(boom), () => undefined);
router.on(any, map(boom), () => undefined);
router.on(boom, () => undefined);
router.on(
  (source) => source.pipe(tap(() => void source.pipe(map(boom)).subscribe())),
  () => undefined,
);
const removed = router.on(any, () => soon().then(boom));
router.errors$.subscribe(() => reports++);
router.errors$.subscribe(boom);
router.errors$.pipe(map(({ message }) => message)).subscribe(boom);
router.errors$.pipe(map(boom)).subscribe();
router.unhandled$.subscribe(boom);
router.unhandled$.pipe(map(boom)).subscribe();
// The console itself fails, as in many test set-ups.
console.error = boom;
const unheard = createRouter();
unheard.on(any, boom);
unheard.on(any, () => soon().then(boom));
unheard.on(any, () => timer(1).pipe(tap(boom)));
unheard.dispatch(envelope('a'));
unheard.log = { warn: boom, error: () => Promise.reject(new Error('boom')) };
unheard.dispatch(envelope('b'));

router.dispatchSync(envelope('a'));
router.dispatch(envelope('b'));
removed.unsubscribe();
for (const route of router.routes.slice(0, 3)) route.unsubscribe();
const events$ = timer(1).pipe(map(() => envelope('c')));
const noEvent$ = of(null) as Observable<never>;
router.connect(concat(events$, noEvent$, throwError(boom)));
router.on(ofType('c'), () => {
  router.dispatch(undefined as never);
});

setTimeout(() => {
  console.log(JSON.stringify({ escaped, reports }));
}, 50);
