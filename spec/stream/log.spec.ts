import { expect, jest, test } from '@jest/globals';
import { connectManager, createRouter, ofType, type CodexStream, type StreamLog } from 'codex-rx';
import { envelope, fakeTransport, marbles } from 'codex-rx/testing';
import { timer } from 'rxjs';

const refuse = (status: number) => ({ kind: 'refused', status }) as const;

/** Plays a fake server at 0, 10, … ms: what was logged. */
function logged(script: readonly number[], log?: (lines: string[]) => StreamLog | false): string[] {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  marbles(() => {
    const fake = fakeTransport();
    const stream = connectManager({
      url: 'ws://fake',
      transport: fake.open,
      random: () => 1,
      reconnect: { base: 1, cap: 1 },
      log: log ? log(lines) : { warn: write, error: write },
    });
    void stream.connect();
    script.forEach((status, step) => {
      timer(step * 10).subscribe(() => {
        fake.last.end(refuse(status));
      });
    });
    timer(100).subscribe(() => void stream.close());
  });
  return lines;
}

const line = (status: number) =>
  `codex-rx: The server refused the websocket with HTTP status ${status}.`;

test('logs the first failure to connect and each change of its reason', () => {
  expect(logged([503, 503, 502, 502])).toEqual([line(503), line(502)]);
});

test('logs nothing with log: false', () => {
  expect(logged([503, 502], () => false)).toEqual([]);
});

test('a log that throws harms nothing', () => {
  const throwing = (lines: string[]) => ({
    warn(text: string) {
      lines.push(text);
      throw new Error('full');
    },
    error: () => undefined,
  });
  expect(logged([503, 502], throwing)).toEqual([line(503), line(502)]);
});

const failing = ({ on, router }: Pick<CodexStream, 'on' | 'router'>) => {
  on(
    ofType('a'),
    () => {
      throw new Error('boom');
    },
    { name: 'broken' },
  );
  router.dispatch(envelope('a'));
};

test('gets the errors of handlers that no subscriber of errors$ hears, whoever made the router', () => {
  for (const router of [undefined, createRouter()]) {
    const log = { warn: jest.fn(), error: jest.fn() };
    const stream = connectManager({ url: 'ws://fake', log, ...(router && { router }) });
    failing(stream);
    const message = 'codex-rx: Route "broken" failed in its handler on a: boom';
    expect(log.error.mock.calls).toEqual([[message, expect.objectContaining({ route: 'broken' })]]);
    stream.router.errors$.subscribe();
    stream.router.dispatch(envelope('a'));
    expect(log.error).toHaveBeenCalledTimes(1);
  }
});

test('with log: false the errors of handlers are not written either', () => {
  const written = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    failing(connectManager({ url: 'ws://fake', log: false }));
    expect(written).not.toHaveBeenCalled();
  } finally {
    written.mockRestore();
  }
});

test('leaves a router the log that it has', () => {
  const router = createRouter();
  const log = { warn: jest.fn(), error: jest.fn() };
  router.log = log;
  failing(connectManager({ url: 'ws://fake', log: false, router }));
  expect(log.error).toHaveBeenCalledTimes(1);
});
