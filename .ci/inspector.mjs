// The page of the inspector: builds it with the packages of examples/angular, and drives it in Chromium.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execPath, exit } from 'node:process';
import { build, prepare } from '../examples/inspector/prepare.mjs';

const root = join(import.meta.dirname, '..');

await prepare();
await build();
const child = spawn(execPath, ['spec/inspector/morning.mjs'], { cwd: root, stdio: 'inherit' });
const [code] = await once(child, 'exit');
exit(code ?? 1);
