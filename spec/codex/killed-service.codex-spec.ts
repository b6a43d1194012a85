import { beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codexSpecs } from '../support/codex-stream.js';
import { callTool, execCommand, text } from '../support/scripted-model.js';
import { buildService, startService, type Begun } from '../support/service.js';
import { until } from '../support/until.js';

const { start, closing } = codexSpecs();

let program = '';

beforeAll(async () => {
  program = await buildService();
});

test('a service that is killed while an approval and a skill are pending answers both when it is started again', async () => {
  const { model, url, cwd } = await start('websocket');
  model.script('run', [execCommand('echo ran >> ran', 'because'), text('Done.')]);
  model.script('book', [callTool('book', {}), text('Done.')]);
  const run = (sessions: Begun['sessions'], holds: boolean) =>
    closing(startService(program, { url, source: 'app-server', sessions, holds }));

  const first = run({ prompts: ['run', 'book'], cwd }, true);
  await first.begun(2);
  await first.wasAsked(2);
  await first.close();
  const said = () => model.requests.flatMap(({ toolOutputs }) => toolOutputs);
  expect(said()).toEqual([]);

  const second = run({ threads: first.sessions }, false);
  await until(() => said().length === 2);
  const [approved, called] = first.sessions;
  await second.wasAsked(2);
  expect(second.asked).toHaveLength(2);
  expect(second.asked).toEqual(
    expect.arrayContaining([
      { asked: 'approval', threadId: approved },
      { asked: 'skill', threadId: called },
    ]),
  );
  expect(said()).toContain('booked');
  expect(readFileSync(join(cwd, 'ran'), 'utf8')).toBe('ran\n');
});
