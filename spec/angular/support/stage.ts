import {
  ApplicationRef,
  ChangeDetectionStrategy,
  Component,
  provideZoneChangeDetection,
  provideZonelessChangeDetection,
  type EnvironmentProviders,
  type Provider,
  type Type,
} from '@angular/core';
import { TestBed, type ComponentFixture } from '@angular/core/testing';
import { connectManager, type CodexStream, type ManagerOptions } from 'codex-rx';
import { provideCodex } from 'codex-rx/angular';
import { fakeTransport, type FakeTransport } from 'codex-rx/testing';

declare const withZones: boolean;

/** Whether this run is one with zone.js. */
export const hasZones = withZones;

/** A codex-manager whose frames a test sends, at once and in order. */
export interface Stage {
  readonly transport: FakeTransport;
  readonly options: ManagerOptions;
  readonly stream: CodexStream;
  /** Lets the stream in. */
  greet(): void;
  send(...frames: readonly unknown[]): void;
  /** Ends the connection; the stream comes back at once. */
  cut(): void;
}

/** @param bodies What the REST API says, by the path. */
export function createStage(bodies: Readonly<Record<string, unknown>> = {}): Stage {
  const transport = fakeTransport();
  const options: ManagerOptions = {
    url: 'ws://127.0.0.1/api/stream',
    transport: transport.open,
    fetch: (url) => {
      const { pathname } = new URL(url);
      const body = bodies[pathname];
      const answer = typeof body === 'function' ? (body as () => unknown)() : body;
      return Promise.resolve(answer).then((json) => ({
        status: json === undefined ? 404 : 200,
        json: () => Promise.resolve(json),
      }));
    },
    heartbeat: false,
    health: false,
    reconnect: { base: 1 },
    log: false,
  };
  let stream: CodexStream | null = null;
  return {
    transport,
    options,
    get stream() {
      return (stream ??= connectManager(options));
    },
    greet() {
      transport.last.accept();
      transport.last.send({ type: 'ready', threadId: null });
    },
    send(...frames) {
      for (const frame of frames) transport.last.send(frame);
    },
    cut() {
      transport.last.end();
    },
  };
}

/** The providers of an application, without zone.js or with it, as this run is. */
export const application = (
  ...providers: readonly (Provider | EnvironmentProviders)[]
): (Provider | EnvironmentProviders)[] => [
  hasZones ? provideZoneChangeDetection() : provideZonelessChangeDetection(),
  ...providers,
];

/** An application with the stream of a stage. */
export const configure = (stage: Stage): void => {
  TestBed.configureTestingModule({ providers: application(provideCodex(() => stage.stream)) });
};

/** Makes a component of a class: without the compiler, its inputs are signals that a test sets. */
export function component<T>(
  template: string,
  type: Type<T>,
  imports: readonly Type<unknown>[] = [],
): Type<T> {
  const changeDetection = ChangeDetectionStrategy.OnPush;
  const selector = `app-${type.name.toLowerCase()}`;
  return Component({ template, changeDetection, imports: [...imports], selector })(type);
}

/** Shows a component, which follows its signals. */
export function show<T>(type: Type<T>): ComponentFixture<T> {
  const fixture = TestBed.createComponent(type);
  fixture.autoDetectChanges();
  return fixture;
}

export const textOf = ({ nativeElement }: ComponentFixture<unknown>): string =>
  (nativeElement as HTMLElement).textContent.trim();

export const buttonsOf = ({ nativeElement }: ComponentFixture<unknown>): HTMLButtonElement[] => [
  ...(nativeElement as HTMLElement).querySelectorAll('button'),
];

/** Waits for what a real server brings, and then for it to be shown. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  await TestBed.inject(ApplicationRef).whenStable();
}
