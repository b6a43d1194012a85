import { Controller, Get, Header, Inject, Sse, type MessageEvent } from '@nestjs/common';
import { ofAppServer, type AppServerEvent } from 'codex-rx';
import { CodexHealth, CodexStrategy, OnCodex } from 'codex-rx/nest';
import { map, takeUntil, type Observable } from 'rxjs';
import { page } from './page.js';
import { Turns } from './turns.service.js';

@Controller()
export class TurnsController {
  constructor(
    @Inject(Turns) private readonly turns: Turns,
    @Inject(CodexStrategy) private readonly strategy: CodexStrategy,
    @Inject(CodexHealth) private readonly health: CodexHealth,
  ) {}

  @OnCodex(ofAppServer('item/completed'))
  onItem({ turnId, payload }: AppServerEvent<'item/completed'>) {
    const { item } = payload.params;
    if (item.type === 'agentMessage') this.turns.said(turnId, item.text);
  }

  // A turn that takes its time does not hold up those of other threads.
  @OnCodex(ofAppServer('turn/completed'), { key: ({ threadId }) => threadId })
  async onTurn({ threadId, turnId, payload }: AppServerEvent<'turn/completed'>) {
    console.log(`summarizing ${turnId}`);
    await new Promise((resolve) => setTimeout(resolve, Number(process.env['SLOWLY'] ?? 0)));
    this.turns.ended(threadId, turnId, payload.params.turn.status);
    console.log(`summary of ${turnId}`);
  }

  @Sse('summaries')
  summaries(): Observable<MessageEvent> {
    // Without its end, an open response would keep the application from closing.
    return this.turns.summaries$.pipe(
      map((data) => ({ data })),
      takeUntil(this.strategy.closing$),
    );
  }

  @Get('health')
  ready() {
    return this.health.readiness();
  }

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  page() {
    return page;
  }
}
