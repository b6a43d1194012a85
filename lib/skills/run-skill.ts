import {
  catchError,
  defaultIfEmpty,
  defer,
  finalize,
  map,
  of,
  switchMap,
  take,
  tap,
  timeout,
  type Observable,
} from 'rxjs';
import { toObservable } from '../async/index.js';
import type { Outgoing } from '../protocol/index.js';
import { messageOf, visibleLine } from '../text/index.js';
import { answerOf, failure, issuesText } from './skill-answer.js';
import type { Skill, SkillCall } from './skill.js';

/** What became of one call of a skill. */
export interface SkillDispatch {
  /** The name of the tool that the agent called. */
  readonly tool: string;
  /**
   * - `done`: the skill has run;
   * - `unknown`: there is no such skill;
   * - `invalid`: its arguments did not fit, and it was not run;
   * - `failed`: it threw, or what it gave cannot be sent;
   * - `timed-out`: it took too long;
   * - `aborted`: its result is not wanted any more.
   */
  readonly outcome: 'done' | 'unknown' | 'invalid' | 'failed' | 'timed-out' | 'aborted';
  /** What the agent gets: of a call that came to nothing, why, so that it can do better. */
  readonly answer: Outgoing.DynamicToolCallResponse;
  /** What the handler threw; `null` if it did not. */
  readonly error: unknown;
}

/** Emits once, and never errors. Runs at once, and ends at once if all of it does. */
export const runSkill = (skill: Skill, call: SkillCall, ms: number): Observable<SkillDispatch> =>
  defer(() => {
    const { name: tool, input, handler } = skill;
    const abort = new AbortController();
    let isOver = false;
    const failed = (outcome: 'failed' | 'timed-out', error: unknown): SkillDispatch => ({
      tool,
      outcome,
      answer: failure(`${tool} failed: ${messageOf(error)}`),
      error,
    });
    return toObservable(() => input['~standard'].validate(argumentsOf(call))).pipe(
      take(1),
      switchMap((validated) => {
        const { issues } = validated;
        if (issues) {
          const answer = failure(issuesText(tool, issues));
          return of<SkillDispatch>({ tool, outcome: 'invalid', answer, error: null });
        }
        return toObservable(() =>
          handler(validated.value as never, { signal: abort.signal, call }),
        ).pipe(
          take(1),
          defaultIfEmpty(undefined),
          map(
            (result) => ({ tool, outcome: 'done', answer: answerOf(result), error: null }) as const,
          ),
        );
      }),
      catchError((error: unknown) => of(failed('failed', error))),
      tap(() => (isOver = true)),
      finalize(() => {
        if (!isOver) abort.abort(new Error(`The call of ${visibleLine(tool)} is over.`));
      }),
      timeout({
        first: ms,
        with: () => of(failed('timed-out', new Error(`it took longer than ${ms} ms`))),
      }),
    );
  });

/** The name of the tool that is called. A namespace is part of it: no skill is in one. */
export function toolOf(call: SkillCall): string {
  const { tool, namespace } = paramsOf(call);
  return typeof namespace === 'string' ? `${namespace}.${tool}` : tool;
}

const argumentsOf = (call: SkillCall): unknown => paramsOf(call).arguments;

const paramsOf = (call: SkillCall) => ('payload' in call ? call.payload : call).params;
