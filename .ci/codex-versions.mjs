// The codex versions that this project stands on; their one home is codex-versions.json.

import { readFileSync } from 'node:fs';

export const versionsFile = new URL('./codex-versions.json', import.meta.url);

/**
 * `current`: the types, the recordings and the integration tests are of it. `older`: the versions
 * before it that `npm run versions` runs, the oldest first.
 */
export const { current, older } = JSON.parse(readFileSync(versionsFile, 'utf8'));

export const supported = [...older, current];

const versionPattern = /^\d+\.\d+\.\d+$/;

/** Returns a version like `0.107.0`, or throws. */
export function mustBeVersion(text) {
  if (!versionPattern.test(text ?? '')) throw new Error(`"${text}" is no version like ${current}.`);
  return text;
}
