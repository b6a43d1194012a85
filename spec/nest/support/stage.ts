import type { INestMicroservice, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { connectManager, type HandlerError, type ManagerStream } from 'codex-rx';
import {
  CodexExceptionFilter,
  CodexModule,
  CodexStrategy,
  type CodexModuleOptions,
} from 'codex-rx/nest';
import { startStreamServer, type StreamServer, type StreamServerOptions } from 'codex-rx/testing';

/** A microservice behind a codex-manager whose frames a test sends. */
export interface Stage {
  readonly app: INestMicroservice;
  readonly server: StreamServer;
  readonly stream: ManagerStream;
  readonly strategy: CodexStrategy;
  /** What the router has reported. */
  readonly errors: readonly HandlerError[];
  close(): Promise<void>;
}

export interface StageOptions extends ModuleMetadata {
  readonly module?: Omit<CodexModuleOptions, 'stream'>;
  readonly server?: StreamServerOptions;
  /** Whether exceptions come through as they are. Default: true. */
  readonly passErrors?: boolean;
  /** Before it listens. */
  readonly before?: (app: INestMicroservice) => unknown;
}

export async function startStage(options: StageOptions): Promise<Stage> {
  const { module, server: serverOptions, before, passErrors = true, ...metadata } = options;
  const server = await startStreamServer(serverOptions);
  const stream = connectManager({ url: server.url, log: false, health: false });
  const errors: HandlerError[] = [];
  stream.router.errors$.subscribe((error) => errors.push(error));
  const testing = await Test.createTestingModule({
    ...metadata,
    imports: [CodexModule.forRoot({ stream, ...module }), ...(metadata.imports ?? [])],
  }).compile();
  const strategy = testing.get(CodexStrategy);
  const app = testing.createNestMicroservice({ strategy, logger: false });
  if (passErrors) app.useGlobalFilters(new CodexExceptionFilter());
  before?.(app);
  await app.listen();
  await stream.connect();
  return {
    app,
    server,
    stream,
    strategy,
    errors,
    async close() {
      await app.close();
      await server.close();
    },
  };
}
