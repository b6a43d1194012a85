import { told, type Step } from './step.js';

const servers = ['emits', 'emitsText', 'replies', 'closes', 'exits'] as const;

type ServerDoes = (typeof servers)[number];

/** Whether it is the server that does it, at once. */
export const isServers = (step: Step): step is Extract<Step, { readonly does: ServerDoes }> =>
  (servers as readonly string[]).includes(step.does);

/** How a transcript is played. */
export type Medium = 'a websocket' | 'stdio';

/** What cannot be done over each of them. */
const only: Readonly<Record<Medium, readonly Step['does'][]>> = {
  'a websocket': ['exits'],
  stdio: ['closes', 'refuses', 'expectsRest', 'replies'],
};

/**
 * Checks that steps can be played at all.
 *
 * @throws TypeError that names the first that cannot.
 */
export function checkSteps(steps: readonly Step[], over: Medium): void {
  const wrong = (number: number, step: Step, why: string) =>
    new TypeError(`Step ${number} cannot be played (${told(step)}): ${why}.`);
  for (const [i, step] of steps.entries()) {
    if (only[over].includes(step.does)) throw wrong(i + 1, step, `${over} cannot do that`);
    if (step.does !== 'inAnyOrder') continue;
    for (const branch of step.branches) {
      const isInOrder = branch[0] !== undefined && !isServers(branch[0]);
      if (!isInOrder) throw wrong(i + 1, step, 'each of a group begins with what the client does');
      for (const part of branch) {
        const fits = ['expects', 'expectsRest', 'emits', 'emitsText', 'replies'].includes(
          part.does,
        );
        if (!fits || only[over].includes(part.does)) {
          throw wrong(i + 1, step, `"${told(part)}" has no place in a group`);
        }
      }
    }
  }
}
