import { Logger, Module } from '@nestjs/common';
import { connectManager } from 'codex-rx';
import { CodexModule } from 'codex-rx/nest';
import { Events, EventsController } from './events.controller.js';
import { Rules } from './rules.controller.js';
import { TurnsController } from './turns.controller.js';
import { Turns } from './turns.service.js';

@Module({
  imports: [
    CodexModule.forRootAsync({
      useFactory: () => ({
        stream: connectManager({ url: process.env['CODEX_URL'] ?? '', log: new Logger('Codex') }),
      }),
    }),
  ],
  controllers: [EventsController, Rules, TurnsController],
  providers: [Events, Turns],
})
export class AppModule {}
