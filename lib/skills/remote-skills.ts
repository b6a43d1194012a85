import type { Subscription } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { Outgoing } from '../protocol/index.js';
import type { Settlement } from '../requests/index.js';
import type { SkillDispatch } from './run-skill.js';
import type { Skill, SkillCall } from './skill.js';

/** The options of `remoteSkills`. */
export interface RemoteSkillsOptions {
  /** The catalog. It is fixed: an agent learns of its tools when its session is made. */
  readonly skills: readonly Skill[];
  /**
   * The thread whose calls are meant.
   *
   * @default the one that `createSession` makes
   */
  readonly threadId?: string;
  /**
   * How many run at a time; the others wait.
   *
   * @default 8
   */
  readonly concurrency?: number;
  /**
   * How long a skill may take, in ms, unless it has its own `timeout`.
   *
   * @default 300,000
   */
  readonly timeout?: number;
  /**
   * What happens to a call for a tool that is none of these skills: it fails, so that the agent
   * goes on, or it is left to other handlers.
   *
   * @default `fail`
   */
  readonly unknown?: 'fail' | 'leave';
}

/** Skills that the agent of one thread can call, and that run in this process. */
export interface RemoteSkills<Params = object> {
  /** The thread whose calls are meant; `null` before there is one. */
  readonly threadId: string | null;

  /** The tools to create a session with, so that its agent knows the skills. */
  dynamicTools(): readonly Outgoing.FunctionDynamicToolSpec[];

  /** The same in words, for the instructions of an agent or the text of a message. */
  instructions(): string;

  /**
   * Whether an event is a call for these skills: of their thread, and, with `unknown: 'leave'`, of
   * theirs.
   */
  matchesSignal(event: Envelope): boolean;

  /**
   * Runs the skill that is called, whatever its thread, and answers nothing. Never rejects: what
   * goes wrong is an answer that the agent can read.
   */
  dispatch(call: SkillCall, options?: { readonly signal?: AbortSignal }): Promise<SkillDispatch>;

  /**
   * The same at once. A skill that takes its time is aborted; its answer says to use `dispatch`.
   */
  dispatchSync(call: SkillCall): SkillDispatch;

  /**
   * Runs the skill that is called and sends its answer, once: the same call is not run again.
   * Resolves with how it was settled; with `null` if it is no call for these skills, not open, or
   * was taken before.
   */
  respondTo(call: SkillCall): Promise<Settlement | null>;

  /** Responds to the calls that are pending now. codex-manager is asked for them. */
  drainPending(): Promise<readonly Settlement[]>;

  /**
   * Responds to all calls: those that are pending, those that come, and those that were missed
   * while the stream was away. Skills that fail are reported on `errors$` of `stream.requests`.
   * Ends when it is unsubscribed.
   */
  serve(): Subscription;

  /**
   * Makes a session whose agent knows the skills: resolves with its thread id. On `codex
   * app-server` the stream must have been made with `experimental: true`.
   */
  createSession(params?: Params): Promise<string>;

  /**
   * Sends the agent a message: resolves with the id of its turn.
   *
   * @param options `instruct` puts the instructions before the text. Default: false.
   */
  send(text: string, options?: { readonly instruct?: boolean }): Promise<string>;
}
