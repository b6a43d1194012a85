/** The default ids and times: the same in all events that belong together. */
export const threadId = 'thread-1';
export const turnId = 'turn-1';
export const itemId = 'item-1';

/** The item of a call of the agent: a command, a tool, a change of files. */
export const callId = 'call-1';

/** The time of all defaults: as ISO 8601, in milliseconds and in seconds since the epoch. */
export const time = '2026-01-01T00:00:00.000Z';
export const timeMs = /* @__PURE__ */ Date.parse(time);
export const timeSeconds = timeMs / 1_000;

export const cwd = '/work';
export const model = 'gpt-5.5';
