import { catchError, defer, from, map, of, shareReplay, tap, type Observable } from 'rxjs';
import type { AppServerPayload } from '../envelope/index.js';
import { visibleLine, writeLog, type StreamLog } from '../text/index.js';
import { knownNotifications, knownServerRequests } from './known-methods.js';
import { createShapeCheck } from './shape.js';
import { createVariantCheck } from './variants.js';

/**
 * What a server said that the protocol of this version does not list, and how often. It was passed
 * on; the types do not know it.
 */
export interface ProtocolDrift {
  /** Methods of notifications. */
  readonly notifications: Readonly<Record<string, number>>;
  /** Methods of server requests. */
  readonly requests: Readonly<Record<string, number>>;
  /** Members of enums and unions: `ThreadItem: newKind`. */
  readonly variants: Readonly<Record<string, number>>;
  /** Required properties that were not there: `Turn.status`. Only with the option `drift`. */
  readonly missing: Readonly<Record<string, number>>;
  /** Values of another kind: `Turn.startedAt: string`. Only with the option `drift`. */
  readonly changed: Readonly<Record<string, number>>;
  /** All of it in one line; empty if there was none. */
  readonly summary: string;
}

export interface DriftReport {
  /** Emits when the report can begin: without the option `drift`, at once. */
  readonly loaded$: Observable<unknown>;
  observe(payload: AppServerPayload): void;
  /** Learns from the result of a call. */
  observeResult(method: string, result: unknown): void;
  read(): ProtocolDrift;
}

/** How many different names are counted, and how long they are: a server may invent any. */
const bound = 1_000;
const longestName = 200;

/** Servers of 0.107 send each event a second time under such a name. No schema lists them. */
const legacy = 'codex/event/';

/**
 * @param isDeep Whether all that is sent is compared with the schema, which is loaded for it.
 * @param log Learns that the schema could not be loaded.
 */
export function createDriftReport(isDeep = false, log: StreamLog | false = false): DriftReport {
  const counts = {
    notifications: new Map<string, number>(),
    requests: new Map<string, number>(),
    variants: new Map<string, number>(),
    missing: new Map<string, number>(),
    changed: new Map<string, number>(),
  };

  function count(kind: keyof typeof counts, name: string): void {
    const own = counts[kind];
    const key = name.slice(0, longestName);
    const before = own.get(key);
    if (before !== undefined || own.size < bound) own.set(key, (before ?? 0) + 1);
  }

  const differences = {
    variant: (place: string, value: string) => {
      count('variants', `${place}: ${value}`);
    },
    missing: (place: string) => {
      count('missing', place);
    },
    changed: (place: string, found: string) => {
      count('changed', `${place}: ${found}`);
    },
  };

  const checkVariants = createVariantCheck(differences.variant);
  let checkParams = checkVariants;
  let checkResult: (method: string, result: unknown) => unknown = () => undefined;

  /** The schema is as large as all the rest: it is not loaded unless it is asked for. */
  const schema$ = defer(() => from(import('./shapes.js'))).pipe(
    tap(({ shapes, notificationShapes, requestShapes, resultShapes }) => {
      const check = createShapeCheck(shapes, differences);
      const checkAs = (names: Readonly<Record<string, string | null>>) => {
        return (method: string, value: unknown) => {
          const name = Object.hasOwn(names, method) ? names[method] : null;
          if (typeof name !== 'string') return false;
          check(value, name);
          return true;
        };
      };
      const [asNotification, asRequest] = [checkAs(notificationShapes), checkAs(requestShapes)];
      checkParams = (method, params, isRequest) => {
        const isChecked = (isRequest ? asRequest : asNotification)(method, params);
        // Of a method that is not known the schema says nothing: what clients look at is known.
        if (!isChecked) checkVariants(method, params, isRequest);
      };
      checkResult = checkAs(resultShapes);
    }),
    map(() => true),
    catchError((error: unknown) => {
      writeLog(log, 'the schema could not be loaded: drift() counts names only.', error);
      return of(false);
    }),
    shareReplay({ bufferSize: 1, refCount: false }),
  );

  return {
    loaded$: isDeep ? schema$ : of(false),
    observe({ signalType, method, params }) {
      if (method.startsWith(legacy)) return;
      const isRequest = signalType === 'request';
      const known = isRequest ? knownServerRequests : knownNotifications;
      if (!known.has(method)) count(isRequest ? 'requests' : 'notifications', method);
      checkParams(method, params, isRequest);
    },
    observeResult(method, result) {
      checkResult(method, result);
    },
    read() {
      const lines = Object.entries(counts).flatMap(([kind, own]) =>
        [...own].map(
          ([name, times]) =>
            `${prefixes[kind as keyof typeof counts]}${visibleLine(name)} (${times})`,
        ),
      );
      const [notifications, requests, variants, missing, changed] = Object.values(counts).map(
        (own) => Object.fromEntries(own),
      ) as [Counts, Counts, Counts, Counts, Counts];
      const summary = lines.join(', ');
      return { notifications, requests, variants, missing, changed, summary };
    },
  };
}

type Counts = Readonly<Record<string, number>>;

/** What stands before a name in the summary. */
const prefixes = {
  notifications: 'notification ',
  requests: 'request ',
  variants: '',
  missing: 'missing ',
  changed: 'changed ',
} as const;
