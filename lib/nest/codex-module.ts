import type { DynamicModule, FactoryProvider, ModuleMetadata, Provider } from '@nestjs/common';
import { has, mustBe, mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import { CodexHealth, type HealthOptions } from './health.js';
import { healthToken, requestsToken, strategyToken, streamToken } from './names.js';
import { strategyOptionNames, type StrategyOptions } from './strategy-options.js';
import { CodexStrategy } from './strategy.js';

/** What the providers are made of. */
export interface CodexModuleOptions
  extends Omit<StrategyOptions, 'stream'>, Pick<HealthOptions, 'maxAway'> {
  /** The stream, or a function that makes it. It is closed with the application. */
  readonly stream: CodexStream | (() => CodexStream | Promise<CodexStream>);
}

/** How the providers are provided. */
export interface CodexModuleExtras {
  /** What `{ stream: name }`, `streamToken(name)` and so on call it, where there are several. */
  readonly name?: string;
  /**
   * Whether every module gets the providers without an import.
   *
   * @default true
   */
  readonly global?: boolean;
}

/** The options of `CodexModule.forRootAsync`. */
export interface CodexModuleAsyncOptions
  extends CodexModuleExtras, Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...injected: never[]) => CodexModuleOptions | Promise<CodexModuleOptions>;
}

/**
 * Provides a stream, its requests, its strategy and its health: by `CODEX_STREAM`,
 * `CODEX_REQUESTS`, `CodexStrategy` and `CodexHealth`; under a name, by `streamToken(name)`,
 * `requestsToken(name)`, `strategyToken(name)` and `healthToken(name)`.
 *
 * The stream connects when the strategy listens; in an application that does not attach the
 * strategy, when it has started.
 *
 * @example
 * const imports = [CodexModule.forRoot({ stream: () => connectManager({ url }) })];
 */
// A class, because Nest names a module by one.
// eslint-disable-next-line @typescript-eslint/no-extraneous-class
export class CodexModule {
  /** @throws TypeError that names the option that is wrong, when the application starts. */
  static forRoot(options: CodexModuleOptions & CodexModuleExtras): DynamicModule {
    const { name, global, ...others } = options;
    return moduleOf({ name, global }, { useFactory: () => others });
  }

  /** As `forRoot`, with options that are made of what Nest injects. */
  static forRootAsync(options: CodexModuleAsyncOptions): DynamicModule {
    mustBeKnown('', options, ['name', 'global', 'imports', 'inject', 'useFactory']);
    mustBe(has(options, 'useFactory'), 'useFactory', 'a function');
    const { name, global, imports = [], inject = [], useFactory } = options;
    return { ...moduleOf({ name, global }, { inject, useFactory }), imports };
  }
}

type Given<T> = { readonly [Name in keyof T]: T[Name] | undefined };

function moduleOf(
  { name, global = true }: Given<CodexModuleExtras>,
  factory: Pick<FactoryProvider, 'inject' | 'useFactory'>,
): DynamicModule {
  const options = Symbol(`codex-rx/nest options ${name ?? ''}`);
  const [stream, requests] = [streamToken(name), requestsToken(name)];
  const [strategy, health] = [strategyToken(name), healthToken(name)];
  const providers: Provider[] = [
    { provide: options, ...factory },
    { provide: stream, inject: [options], useFactory: openStream },
    {
      provide: requests,
      inject: [stream],
      useFactory: (stream: CodexStream) => stream.requests,
    },
    {
      provide: strategy,
      inject: [stream, options],
      useFactory: (stream: CodexStream, { readyTimeout, drainTimeout }: CodexModuleOptions) =>
        new CodexStrategy(stream, defined({ stream: name, readyTimeout, drainTimeout })),
    },
    {
      provide: health,
      inject: [stream, options],
      useFactory: (stream: CodexStream, { maxAway }: CodexModuleOptions) =>
        new CodexHealth(stream, defined({ key: name, maxAway })),
    },
  ];
  if (name === undefined) {
    providers.push(
      { provide: CodexStrategy, useExisting: strategy },
      { provide: CodexHealth, useExisting: health },
    );
  }
  const exported = providers.map((provider) => (provider as FactoryProvider).provide);
  return { module: CodexModule, global, providers, exports: exported.slice(1) };
}

function openStream(options: CodexModuleOptions): CodexStream | Promise<CodexStream> {
  const names = strategyOptionNames.filter((name) => name !== 'stream');
  mustBeKnown('', options, ['stream', 'maxAway', ...names]);
  const { stream } = options;
  if (typeof stream === 'function') return stream();
  mustBe(has(stream, 'connect'), 'stream', 'a CodexStream, or a function that makes one');
  return stream;
}

/** Without members that are `undefined`. */
const defined = <T extends object>(options: Given<T>): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
