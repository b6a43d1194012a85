import { describeStep, type Step } from './step.js';

const serverSteps = ['emits', 'emitsText', 'replies', 'closes', 'exits'] as const;

type ServerDoes = (typeof serverSteps)[number];

/** Whether it is a step of the server, which is played at once. */
export const isOfServer = (step: Step): step is Extract<Step, { readonly does: ServerDoes }> =>
  (serverSteps as readonly string[]).includes(step.does);

/** How a transcript is played. */
export type Medium = 'a websocket' | 'stdio';

/** The steps that are impossible over each of them. */
const impossible: Readonly<Record<Medium, readonly Step['does'][]>> = {
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
    new TypeError(`Step ${number} cannot be played (${describeStep(step)}): ${why}.`);
  for (const [i, step] of steps.entries()) {
    if (impossible[over].includes(step.does)) throw wrong(i + 1, step, `${over} cannot do that`);
    if (step.does !== 'inAnyOrder') continue;
    for (const branch of step.branches) {
      const isInOrder = branch[0] !== undefined && !isOfServer(branch[0]);
      if (!isInOrder) throw wrong(i + 1, step, 'each of a group begins with what the client does');
      for (const part of branch) {
        const fits = ['expects', 'expectsRest', 'emits', 'emitsText', 'replies'].includes(
          part.does,
        );
        if (!fits || impossible[over].includes(part.does)) {
          throw wrong(i + 1, step, `"${describeStep(part)}" has no place in a group`);
        }
      }
    }
  }
}
