import { NestFactory } from '@nestjs/core';
import { CodexStrategy } from 'codex-rx/nest';
import { AppModule } from './app.module.js';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  // Without `inheritAppConfig`, global guards, interceptors and filters do not run for events.
  app.connectMicroservice({ strategy: app.get(CodexStrategy) }, { inheritAppConfig: true });
  await app.startAllMicroservices();
  await app.listen(process.env['PORT'] ?? 0, '127.0.0.1');
  console.log(await app.getUrl());
}

void main();
