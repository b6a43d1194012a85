import {
  DestroyRef,
  DOCUMENT,
  inject,
  makeEnvironmentProviders,
  NgZone,
  provideEnvironmentInitializer,
  type EnvironmentProviders,
} from '@angular/core';
import { map } from 'rxjs';
import { resolveLazy } from '../async/index.js';
import { connectManager, type ManagerOptions } from '../manager/index.js';
import type { CodexStream } from '../stream/index.js';
import { createInertStream } from './inert-stream.js';
import { injectIsServer, injectSignals } from './stream-signals.js';
import { streamToken } from './stream-token.js';

/** The options of `connectManager`, or a function that makes a stream, in browsers only. */
export type CodexSource = ManagerOptions | (() => CodexStream);

/**
 * Provides a stream: it connects when the application starts, and closes with it. Both happen
 * outside the zone. A relative `url` is resolved against the page. On a server nothing connects,
 * and a function is not called.
 *
 * @example
 * providers: [provideCodex({ url: '/api/stream' })]
 * @throws TypeError that names the option that is wrong, when the application starts.
 */
export function provideCodex(source: CodexSource): EnvironmentProviders;
/**
 * Provides a stream under a name, for an application that has several.
 *
 * @param name What `injectCodex(name)` and `{ stream: name }` call it.
 * @throws TypeError that names the option that is wrong, when the application starts.
 */
export function provideCodex(name: string, source: CodexSource): EnvironmentProviders;
export function provideCodex(
  ...given: readonly [CodexSource] | readonly [string, CodexSource]
): EnvironmentProviders {
  const [name, source] = given.length === 1 ? [undefined, given[0]] : given;
  return provideStream(name, () => openStream(source));
}

/** Provides what `open` makes in the injector of an application, at its start. */
export const provideStream = (
  name: string | undefined,
  open: () => CodexStream,
): EnvironmentProviders =>
  makeEnvironmentProviders([
    { provide: streamToken(name), useFactory: open },
    provideEnvironmentInitializer(() => {
      injectSignals(name);
    }),
  ]);

function openStream(source: CodexSource): CodexStream {
  if (injectIsServer()) return createInertStream();
  const { baseURI } = inject(DOCUMENT);
  // Where a socket and its timers are made is where all of its events arrive.
  const stream = inject(NgZone).runOutsideAngular(() => {
    const opened =
      typeof source === 'function' ? source() : connectManager(resolveUrl(source, baseURI));
    // The log of the stream says why it does not connect.
    opened.connect().catch(() => undefined);
    return opened;
  });
  inject(DestroyRef).onDestroy(() => void stream.close());
  return stream;
}

function resolveUrl({ url, ...options }: ManagerOptions, base: string): ManagerOptions {
  const absolute = (url: string | URL) => new URL(url, base);
  return {
    ...options,
    url: typeof url === 'function' ? () => resolveLazy(url).pipe(map(absolute)) : absolute(url),
  };
}
