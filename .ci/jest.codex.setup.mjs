// Without the binary there is nothing to test, so what cannot be fetched fails the run.

import { env } from 'node:process';
import { codexBinary } from './codex-binary.mjs';

export default async function () {
  env.CODEX_BINARY = await codexBinary();
}
