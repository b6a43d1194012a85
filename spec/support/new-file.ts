import { afterEach } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** The path of a file that is not there yet, in a folder that is gone after the test. */
export async function newFile(name = 'session.jsonl'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'codex-rx-recording-'));
  folders.push(folder);
  return join(folder, name);
}
