import { afterEach, expect, jest, test } from '@jest/globals';
import { until } from './support/until.js';

// The examples of docs/state.md run as they stand.

afterEach(() => {
  jest.restoreAllMocks();
});

function printing(): unknown[] {
  const printed: unknown[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(text) > 0);
  jest.spyOn(console, 'log').mockImplementation((text: unknown) => {
    printed.push(text);
  });
  return printed;
}

test('a transcript in a terminal grows with the text', async () => {
  const printed = printing();
  await import('../examples/state/transcript.js');
  await until(() => printed.join('').includes('Codex!'));
  expect(printed.join('')).toBe('\nagentMessage: Hello from Codex!');
});

test('a question is asked, and its answer printed', async () => {
  const printed = printing();
  await import('../examples/state/ask.js');
  expect(printed).toEqual(['You asked: What is this? (completed, by event)']);
});

test('a dashboard has a line for each agent, and those first that need somebody', async () => {
  const printed = printing();
  await import('../examples/state/dashboard.js');
  await until(() => printed.length > 0);
  expect(String(printed[0]).split('\n')).toEqual([
    'thread-2 · waiting · commandExecution',
    'thread-1 · running',
  ]);
});
