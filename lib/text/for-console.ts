import { messageOf } from './message-of.js';
import { visibleText } from './visible.js';

/**
 * An error as it is given to a console, which writes stacks, causes and members as they are. One
 * that holds what a terminal would act on becomes a text that shows it. Never throws.
 */
export function forConsole(error: unknown): unknown {
  try {
    const text = stackOf(error, 5);
    const all = `${text}\n${JSON.stringify(error)}`;
    return visibleText(all) === all ? error : visibleText(text);
  } catch {
    // A circle in its members, or a getter that throws.
    return visibleText(messageOf(error));
  }
}

/** The stack of an error, and of the errors behind it. */
function stackOf(error: unknown, depth: number): string {
  if (!(error instanceof Error)) return messageOf(error);
  const { stack = messageOf(error), cause } = error;
  const { errors = [] } = error as { readonly errors?: readonly unknown[] };
  const behind = depth > 0 ? [cause, ...errors].filter((one) => one !== undefined) : [];
  return [stack, ...behind.map((one) => stackOf(one, depth - 1))].join('\n[cause]: ');
}
