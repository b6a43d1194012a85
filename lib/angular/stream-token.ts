import { inject, InjectionToken } from '@angular/core';
import { mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';

/** Which stream to use, where an application has several. */
export interface StreamChoice {
  /**
   * The name that `provideCodex(name, …)` has given it.
   *
   * @default the stream that was provided without a name
   */
  readonly stream?: string;
}

/** The stream that `provideCodex` provides without a name. */
export const CODEX_STREAM = /* @__PURE__ */ createToken();

/** Tokens by the names of their streams; they hold no state of an application. */
const named = /* @__PURE__ */ new Map<string, InjectionToken<CodexStream>>();

export function streamToken(name?: string): InjectionToken<CodexStream> {
  if (name === undefined) return CODEX_STREAM;
  const token = named.get(name) ?? createToken(name);
  named.set(name, token);
  return token;
}

/**
 * The name of the stream that is chosen.
 *
 * @throws TypeError that names the option that is wrong.
 */
export function nameOf(choice: StreamChoice = {}, known = ['stream']): string | undefined {
  mustBeKnown('', choice, known);
  return choice.stream;
}

/** Injects the stream of a name, or the one without. */
export const injectStream = (name?: string): CodexStream => inject(streamToken(name));

function createToken(name?: string): InjectionToken<CodexStream> {
  const quoted = name === undefined ? '' : `'${name}', `;
  return new InjectionToken('codex-rx stream', {
    providedIn: 'root',
    factory() {
      throw new Error(`codex-rx: no stream. Add provideCodex(${quoted}{ url }) to your providers.`);
    },
  });
}
