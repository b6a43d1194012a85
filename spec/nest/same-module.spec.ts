import { Controller, Inject, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, test } from '@jest/globals';
import { connectManager, type ManagerStream } from 'codex-rx';
import { readRecording } from 'codex-rx/recording';
import { CODEX_STREAM, CodexModule, CodexStrategy } from 'codex-rx/nest';
import { startFakeManager } from 'codex-rx/testing';
import { readFileSync } from 'node:fs';
import { until } from '../support/until.js';
import { installRules } from './support/user-module.js';

type Install = (stream: ManagerStream, report: (line: string) => void) => void;

/** Plays a recording of a real codex-manager to a process; returns what its module has reported. */
async function reportsOn(
  recording: string,
  threadId: string,
  start: (
    open: () => ManagerStream,
    install: Install,
    report: (line: string) => void,
  ) => Promise<{ stream: ManagerStream; close: () => Promise<void> }>,
): Promise<readonly string[]> {
  const url = new URL(`../recordings/codex-manager/${recording}`, import.meta.url);
  const server = await startFakeManager();
  const lines: string[] = [];
  const open = () => connectManager({ url: server.url, log: false });
  const { stream, close } = await start(
    open,
    (stream, report) => {
      installRules(stream, threadId, report);
    },
    (line) => lines.push(line),
  );
  await stream.connect();
  const ended = new Promise((resolve) =>
    stream.status$.subscribe({ complete: () => resolve(null) }),
  );
  await server.play(readRecording(readFileSync(url, 'utf8')));
  await until(() => lines.at(-1)?.endsWith('is completed') ?? false);
  await close();
  await ended;
  await server.close();
  return lines;
}

test.each([
  ['02-shell-approval.jsonl', /commandExecution.*accept/],
  ['04-dynamic-tool-call.jsonl', /item\/tool\/call.*T-1 is open/],
])('a user module does the same in one process and under Nest: %s', async (recording, expected) => {
  const text = readFileSync(
    new URL(`../recordings/codex-manager/${recording}`, import.meta.url),
    'utf8',
  );
  const threadId = /"threadId":"([\w-]+)"/.exec(text)![1]!;
  const alone = await reportsOn(recording, threadId, (open, install, report) => {
    const stream = open();
    install(stream, report);
    return Promise.resolve({ stream, close: () => stream.close() });
  });

  const nested = await reportsOn(recording, threadId, async (open, install, report) => {
    @Injectable()
    class Rules {
      constructor(@Inject(CODEX_STREAM) stream: ManagerStream) {
        install(stream, report);
      }
    }

    @Controller()
    class Handlers {}

    const testing = await Test.createTestingModule({
      imports: [CodexModule.forRoot({ stream: open })],
      controllers: [Handlers],
      providers: [Rules],
    }).compile();
    const app = testing.createNestMicroservice({
      strategy: testing.get(CodexStrategy),
      logger: false,
    });
    await app.listen();
    return { stream: app.get<ManagerStream>(CODEX_STREAM), close: () => app.close() };
  });

  expect(nested).toEqual(alone);
  expect(alone.some((line) => expected.test(line))).toBe(true);
  expect(alone.at(-1)).toMatch(/ is completed$/);
});
