import type { Envelope } from '../envelope/index.js';

/**
 * The member by which the rooms above get the text of the frame that an event was read from, to
 * pass it on as it is.
 */
export const frameText: unique symbol = /* @__PURE__ */ Symbol.for('codex-rx.text') as never;

/** The text, while the event is dispatched; `null` if it is not known, or says more than that. */
export type FrameText = (event: Envelope) => string | null;
