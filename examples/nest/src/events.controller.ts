import { Controller, Headers, Inject, Injectable, Sse } from '@nestjs/common';
import type { CodexStream } from 'codex-rx';
import { eventStream, feedLog, memoryLog, type Feed } from 'codex-rx/gateway';
import { CODEX_STREAM, CodexStrategy } from 'codex-rx/nest';
import { takeUntil } from 'rxjs';

/** Numbers the events, so that a browser gets what it missed while it was away. */
@Injectable()
export class Events {
  readonly feed: Feed;

  constructor(@Inject(CODEX_STREAM) stream: CodexStream) {
    // Before the stream connects, as every provider is made.
    this.feed = feedLog(stream, memoryLog({ events: 10_000 }));
  }
}

@Controller()
export class EventsController {
  constructor(
    @Inject(Events) private readonly events: Events,
    @Inject(CodexStrategy) private readonly strategy: CodexStrategy,
  ) {}

  @Sse('events')
  stream(@Headers('last-event-id') after?: string) {
    // Without its end, an open response would keep the application from closing.
    return eventStream(this.events.feed, { after }).pipe(takeUntil(this.strategy.closing$));
  }
}
