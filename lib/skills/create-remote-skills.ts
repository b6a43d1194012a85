import {
  distinctUntilChanged,
  filter,
  firstValueFrom,
  map,
  NEVER,
  of,
  takeUntil,
  type Observable,
} from 'rxjs';
import { abortOf } from '../async/index.js';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import { amounts, mustBe, mustBeKnown } from '../options/index.js';
import type { Outgoing } from '../protocol/index.js';
import {
  identityOf,
  isRequest,
  type RequestHandler,
  type ServeOptions,
  type ServerRequest,
  type Settlement,
} from '../requests/index.js';
import { isReady } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';
import { limitTo } from './concurrency.js';
import { instructionText } from './instructions.js';
import { runSkill, toolOf, type SkillDispatch } from './run-skill.js';
import type { RemoteSkills, RemoteSkillsOptions } from './remote-skills.js';
import { sessionPort, type SessionParams } from './session-port.js';
import { failure } from './skill-answer.js';
import type { Skill, SkillCall } from './skill.js';

/**
 * Lets the agent of a thread call skills.
 *
 * @example
 * const skills = remoteSkills(stream, { skills: [weather] });
 * skills.serve();
 * await skills.createSession({ cwd: '/work' });
 * await skills.send('Will it rain in Paris?');
 *
 * @throws TypeError that names the option that is wrong.
 */
export function remoteSkills<Stream extends CodexStream>(
  stream: Stream,
  options: RemoteSkillsOptions,
): RemoteSkills<SessionParams<Stream>> {
  mustBeKnown('', { ...options }, ['skills', 'threadId', 'unknown', 'timeout', 'concurrency']);
  const { skills, threadId, unknown = 'fail', ...amountsGiven } = { ...options };
  const byName = named(skills);
  const catalog = [...byName.values()];
  const isThread = threadId === undefined || (typeof threadId === 'string' && threadId !== '');
  mustBe(isThread, 'threadId', 'a string that is not empty');
  mustBe(['fail', 'leave'].includes(unknown), 'unknown', '"fail" or "leave"', unknown);
  const { timeout, concurrency } = amounts('', amountsGiven, { timeout: 300_000, concurrency: 8 });
  mustBe(concurrency >= 1, 'concurrency', '1 or more', concurrency);
  const limited = limitTo(concurrency);
  const { requests } = stream;
  let thread: string | null = threadId ?? null;
  let isMaking = false;
  /** The calls that were run here, by their keys. */
  const taken = createBoundedMap<string, true>(1_000);
  /** What the agent gets for calls whose handler failed. */
  const failures = new WeakMap<Envelope, Outgoing.DynamicToolCallResponse>();

  function run(call: SkillCall): Observable<SkillDispatch> {
    const tool = toolOf(call);
    const skill = byName.get(tool);
    if (skill) return runSkill(skill, call, skill.timeout ?? timeout);
    const names = [...byName.keys()].join(', ');
    const answer = failure(`There is no tool ${tool} here. There is: ${names}.`);
    return of({ tool, outcome: 'unknown', answer, error: null });
  }

  const isRelevant = (call: SkillCall) =>
    thread !== null && call.threadId === thread && (unknown === 'fail' || byName.has(toolOf(call)));

  const callOf = (request: ServerRequest): readonly SkillCall[] =>
    isRequest(request, 'item/tool/call') && isRelevant(request) ? [request] : [];

  // One function for all ways to a call: it is by this that a call is known to be taken.
  const handler: RequestHandler<'item/tool/call'> = (request) => {
    taken.set(request.key, true);
    return limited(run(request)).pipe(
      map(({ answer, error }) => {
        if (error === null) return answer;
        failures.set(request.event, answer);
        throw error as Error;
      }),
    );
  };

  const serveOptions: ServeOptions<'item/tool/call'> = {
    name: 'remoteSkills',
    onError: 'fallback',
    fallback: ({ event, params: { tool } }) =>
      failures.get(event) ??
      failure(`${tool} has run, but its result could not be sent: it is too large or not valid.`),
  };

  const refresh = async () => {
    if (thread !== null) await requests.refresh(thread);
  };

  function pending(): readonly ServerRequest[] {
    let all: readonly ServerRequest[] = [];
    requests.pending$.subscribe((now) => (all = now)).unsubscribe();
    return all;
  }

  /** The key of an open call. */
  function keyOf(call: SkillCall): string | undefined {
    if ('key' in call) return requests.get(call.key)?.key;
    const identity = identityOf(call);
    const isSame = ({ event }: ServerRequest) => identityOf(event) === identity;
    return (requests.get(identity) ?? pending().find(isSame))?.key;
  }

  function respondTo(call: SkillCall): Promise<Settlement | null> {
    const key = isRelevant(call) ? keyOf(call) : undefined;
    if (key === undefined || taken.has(key)) return Promise.resolve(null);
    const settled$ = requests.settled$.pipe(filter(({ request }) => request.key === key));
    const settled = firstValueFrom(settled$, { defaultValue: null });
    const serving = requests.serve(
      (request) => request.key === key,
      handler as RequestHandler,
      serveOptions as ServeOptions,
    );
    return settled.finally(() => {
      serving.unsubscribe();
    });
  }

  const unbound = (what: string) =>
    new Error(`${what}: there is no thread. Give a "threadId", or call createSession first.`);

  const dynamicTools = () =>
    catalog.map(({ name, description, inputSchema }) => ({
      type: 'function' as const,
      name,
      description,
      inputSchema,
    }));

  return {
    get threadId() {
      return thread;
    },
    dynamicTools,
    instructions: () => instructionText(catalog),
    matchesSignal: (event) =>
      event.type === 'app_server.request.item.tool.call' && isRelevant(event as SkillCall),
    dispatch(call, options = {}) {
      mustBeKnown('', options, ['signal']);
      const { signal } = options;
      const aborted: SkillDispatch = {
        tool: toolOf(call),
        outcome: 'aborted',
        answer: failure(`${toolOf(call)} was aborted.`),
        error: null,
      };
      const abort$ = signal ? abortOf(signal) : NEVER;
      return firstValueFrom(limited(run(call)).pipe(takeUntil(abort$)), { defaultValue: aborted });
    },
    dispatchSync(call) {
      const tool = toolOf(call);
      const why = `${tool} takes its time: run it with dispatch, respondTo or serve, and not with dispatchSync.`;
      let dispatched: SkillDispatch = {
        tool,
        outcome: 'failed',
        answer: failure(why),
        error: new TypeError(why),
      };
      run(call)
        .subscribe((result) => (dispatched = result))
        .unsubscribe();
      return dispatched;
    },
    respondTo,
    async drainPending() {
      if (thread === null) throw unbound('drainPending');
      await refresh();
      const settled = await Promise.all(pending().flatMap(callOf).map(respondTo));
      return settled.filter((settlement) => settlement !== null);
    },
    serve() {
      const serving = requests.serve(
        'item/tool/call',
        (call, context) => (isRelevant(call) ? handler(call, context) : undefined),
        serveOptions,
      );
      const ready$ = stream.status$.pipe(
        filter(isReady),
        distinctUntilChanged((one, other) => one.connection === other.connection),
      );
      serving.add(ready$.subscribe(() => void refresh()));
      return serving;
    },
    async createSession(params = {}) {
      if (thread !== null || isMaking) throw new Error('These skills have their session already.');
      isMaking = true;
      try {
        return (thread = await sessionPort(stream).create(params, dynamicTools()));
      } finally {
        isMaking = false;
      }
    },
    async send(text, options = {}) {
      mustBeKnown('', options, ['instruct']);
      const { instruct = false } = options;
      if (thread === null) throw unbound('send');
      const message = instruct ? `${instructionText(catalog)}\n\n${text}` : text;
      return sessionPort(stream).send(thread, message);
    },
  };
}

function named(skills: readonly Skill[]): ReadonlyMap<string, Skill> {
  const count = (skills as readonly Skill[] | undefined)?.length ?? 0;
  mustBe(count > 0 && count <= 128, 'skills', '1 to 128 skills, made with defineSkill');
  const byName = new Map(skills.map((skill) => [skill.name, skill]));
  const twice = skills.find((skill) => byName.get(skill.name) !== skill);
  mustBe(!twice, 'skills', `of different names: there are two of ${twice?.name}`);
  return byName;
}
