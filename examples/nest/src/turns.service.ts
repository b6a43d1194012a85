import { Injectable } from '@nestjs/common';
import { Subject } from 'rxjs';

export interface Summary {
  readonly threadId: string;
  readonly status: string;
  readonly text: string;
}

/** What the agent said last in each turn that runs, and a summary of each turn that has ended. */
@Injectable()
export class Turns {
  private readonly texts = new Map<string, string>();
  private readonly summaries = new Subject<Summary>();
  readonly summaries$ = this.summaries.asObservable();

  said(turnId: string, text: string): void {
    this.texts.set(turnId, text);
  }

  ended(threadId: string, turnId: string, status: string): void {
    this.summaries.next({ threadId, status, text: this.texts.get(turnId) ?? '' });
    this.texts.delete(turnId);
  }
}
