import { afterEach, expect, it, jest } from '@jest/globals';
import { until } from './support/until.js';

afterEach(() => {
  jest.restoreAllMocks();
});

it('has an example of approvals that runs as it stands', async () => {
  const printed: unknown[] = [];
  jest.spyOn(console, 'log').mockImplementation((text: unknown) => {
    printed.push(text);
  });
  await import('../examples/approvals.js');
  await until(() => printed.length === 1);
  expect(printed).toEqual(['The commandExecution is answered, by the policy.']);
});

it('has an example of skills that runs as it stands', async () => {
  const printed: string[] = [];
  jest.spyOn(console, 'log').mockImplementation((text: string) => {
    printed.push(text);
  });
  await import('../examples/skills/weather.js');
  expect(JSON.parse(printed[0]!)).toEqual([
    { result: { contentItems: [{ type: 'inputText', text: 'Sunny in Paris.' }], success: true } },
    {
      result: {
        contentItems: [
          { type: 'inputText', text: expect.stringMatching(/^get_weather was not run, .* city: /) },
        ],
        success: false,
      },
    },
  ]);
});

it('has an example that runs as it stands, and prints what the README says', async () => {
  const printed: unknown[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(text) > 0);
  jest.spyOn(console, 'log').mockImplementation((text: unknown) => {
    printed.push(text);
  });
  await import('../examples/quickstart.js');
  await until(() => printed.length === 2);
  expect(printed).toEqual(['Hello from Codex!', '\nThe turn is completed.']);
});
