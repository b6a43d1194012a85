// Without the binary there is nothing to test, so what cannot be fetched fails the run.

import { env } from 'node:process';
import { codexBinary } from './codex-binary.mjs';
import { current } from './codex-versions.mjs';
import { installNatsServer } from './nats-server.mjs';

export default async function () {
  env.CODEX_VERSION ||= current;
  env.NATS_SERVER = installNatsServer();
  env.CODEX_BINARY = await codexBinary(env.CODEX_VERSION);
}
