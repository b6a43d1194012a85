// Without the server there is nothing to test, so what cannot be installed fails the run.

import { env } from 'node:process';
import { installNatsServer } from './nats-server.mjs';

export default function () {
  env.NATS_SERVER = installNatsServer();
}
