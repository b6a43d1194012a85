// Without the binary there is nothing to test, so what cannot be fetched fails the run.

import { env } from 'node:process';
import { codexBinary, codexVersion } from './codex-binary.mjs';

export default async function () {
  env.CODEX_BINARY = await codexBinary();
  env.CODEX_VERSION = codexVersion;
}
