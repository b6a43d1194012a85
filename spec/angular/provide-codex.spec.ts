import { createEnvironmentInjector, EnvironmentInjector, NgZone, PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { describe, expect, jest, test } from '@jest/globals';
import { connectManager, type CodexStream } from 'codex-rx';
import {
  CODEX_STREAM,
  injectCodex,
  injectEnvelopes,
  injectRequests,
  injectStatus,
  injectText,
  injectThread,
  injectThreads,
  injectTurn,
  provideCodex,
} from 'codex-rx/angular';
import { asyncScheduler, of } from 'rxjs';
import {
  application,
  component,
  configure,
  createStage,
  hasZones,
  show,
  textOf,
} from './support/stage.js';

const streamOf = (name?: string): CodexStream =>
  TestBed.runInInjectionContext(() => injectCodex(name));

describe('provideCodex', () => {
  test('connects when the application starts, and closes the stream with it', () => {
    const stage = createStage();
    configure(stage);
    expect(stage.transport.connections).toHaveLength(0);
    TestBed.inject(NgZone);
    expect(stage.transport.connections).toHaveLength(1);
    expect(streamOf()).toBe(stage.stream);
    expect(TestBed.inject(CODEX_STREAM)).toBe(stage.stream);
    TestBed.resetTestingModule();
    const states: string[] = [];
    stage.stream.status$.subscribe(({ state }) => states.push(state));
    expect(states).toEqual(['closed']);
  });

  test.each([
    ['/api/stream', 'ws://127.0.0.1/api/stream'],
    ['codex', 'ws://127.0.0.1/app/codex/api/stream'],
    ['ws://elsewhere:3001', 'ws://elsewhere:3001/api/stream'],
  ])('resolves the url %s against the page', (url, expected) => {
    for (const given of [url, () => url, () => of(url)]) {
      const { options, transport } = createStage();
      TestBed.configureTestingModule({
        providers: application(provideCodex({ ...options, url: given })),
      });
      TestBed.inject(CODEX_STREAM);
      expect(transport.last.request.url).toBe(expected);
      TestBed.resetTestingModule();
    }
  });

  test('names the option that is wrong when the application starts', () => {
    TestBed.configureTestingModule({
      providers: application(provideCodex({ url: '/api', linger: -1 })),
    });
    expect(() => TestBed.inject(NgZone)).toThrow(/"linger"/);
  });

  test('makes the stream and its socket outside the zone', () => {
    const { options, transport } = createStage();
    const inZone: boolean[] = [];
    const provided = provideCodex(() => {
      inZone.push(NgZone.isInAngularZone());
      return connectManager({
        ...options,
        transport(request, events) {
          inZone.push(NgZone.isInAngularZone());
          return transport.open(request, events);
        },
      });
    });
    TestBed.configureTestingModule({ providers: application() });
    const parent = TestBed.inject(EnvironmentInjector);
    TestBed.inject(NgZone).run(() => {
      expect(NgZone.isInAngularZone()).toBe(hasZones);
      createEnvironmentInjector([provided], parent);
    });
    expect(inZone).toEqual([false, false]);
  });

  test('provides several streams by name, which share nothing', async () => {
    const [build, docs] = [createStage(), createStage()];
    TestBed.configureTestingModule({
      providers: application(
        provideCodex('build', () => build.stream),
        provideCodex('docs', () => docs.stream),
      ),
    });
    class Shown {
      readonly build = injectStatus({ stream: 'build' });
      readonly docs = injectStatus({ stream: 'docs' });
    }
    const fixture = show(component('{{ build().state }} {{ docs().state }}', Shown));
    build.greet();
    await fixture.whenStable();
    expect(textOf(fixture)).toBe('open connecting');
    expect(streamOf('build')).toBe(build.stream);
    expect(streamOf('docs')).toBe(docs.stream);
  });

  test('two applications share nothing', async () => {
    const shown: string[] = [];
    for (const isGreeted of [true, false]) {
      const stage = createStage();
      configure(stage);
      class Shown {
        readonly status = injectStatus();
      }
      const fixture = show(component('{{ status().state }}', Shown));
      if (isGreeted) stage.greet();
      await fixture.whenStable();
      shown.push(textOf(fixture));
      TestBed.resetTestingModule();
    }
    expect(shown).toEqual(['open', 'connecting']);
  });
});

describe('without a provider', () => {
  test('the error says what to add', () => {
    TestBed.configureTestingModule({ providers: application() });
    expect(() => streamOf()).toThrow(
      'codex-rx: no stream. Add provideCodex({ url }) to your providers.',
    );
    expect(() => streamOf('build')).toThrow(
      "codex-rx: no stream. Add provideCodex('build', { url }) to your providers.",
    );
    expect(String(CODEX_STREAM)).toBe('InjectionToken codex-rx stream');
  });

  test('outside an injection context the error names the function', () => {
    expect(() => injectCodex()).toThrow(/NG0203: injectCodex\(\)/);
    expect(() => injectStatus()).toThrow(/NG0203: injectStatus\(\)/);
  });
});

describe('on a server', () => {
  const configureServer = () => {
    let calls = 0;
    TestBed.configureTestingModule({
      providers: application(
        { provide: PLATFORM_ID, useValue: 'server' },
        provideCodex(() => {
          calls++;
          return createStage().stream;
        }),
      ),
    });
    return () => calls;
  };

  test('no stream is made, and no timer: signals are as in a page before its first frame', () => {
    const calls = configureServer();
    const timers = jest.spyOn(asyncScheduler, 'schedule');
    const stream = streamOf();
    expect(TestBed.runInInjectionContext(() => injectStatus())()).toEqual({ state: 'idle' });
    expect(TestBed.runInInjectionContext(() => injectRequests())()).toEqual([]);
    const states: string[] = [];
    stream.status$.subscribe(({ state }) => states.push(state));
    stream.events$.subscribe();
    stream.requests.pending$.subscribe();
    expect(states).toEqual(['idle']);
    expect(calls()).toBe(0);
    expect(TestBed.runInInjectionContext(() => injectThread('a')).isLoading()).toBe(true);
    expect(timers).not.toHaveBeenCalled();
    timers.mockRestore();
  });

  test('connect() rejects, so that an initializer that awaits it does not hang the render', async () => {
    configureServer();
    await expect(streamOf().connect()).rejects.toThrow(/codex-rx: no stream connects on a server/);
    // One that does not await it harms nothing.
    void streamOf().connect();
    await new Promise((resolve) => setTimeout(resolve));
  });
});

test.each<[string, (choice: never) => unknown]>([
  ['injectEnvelopes', (choice) => injectEnvelopes(choice)],
  ['injectRequests', (choice) => injectRequests(choice)],
  ['injectStatus', (choice) => injectStatus(choice)],
  ['injectText', (choice) => injectText(null, choice)],
  ['injectThread', (choice) => injectThread(null, choice)],
  ['injectThreads', (choice) => injectThreads(choice)],
  ['injectTurn', (choice) => injectTurn(null, choice)],
])('%s refuses an option that it does not know', (_, take) => {
  configure(createStage());
  const error = TestBed.runInInjectionContext(() => {
    try {
      return take({ steam: 'second' } as never);
    } catch (thrown) {
      return thrown;
    }
  });
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).message).toBe('"steam" is not an option: did you mean "stream"?');
});
