// What the same chat costs with codex-rx: see sizes.mjs.

import { Component, input } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import {
  injectRequests,
  injectSend,
  injectStatus,
  injectThread,
  provideCodex,
} from 'codex-rx/angular';

@Component({
  selector: 'app-page',
  template: `
    <p role="status">{{ status().state }}</p>
    @for (turn of thread.value()?.turns; track turn.id) {
      @for (item of turn.items; track item.id) {
        <p>{{ item.text }}</p>
      }
    }
    @for (request of requests(); track request.key) {
      @if (request.kind === 'commandExecution') {
        <pre>{{ request.command }}</pre>
        <button (click)="request.decline()">Decline</button>
        <button (click)="request.accept()">Accept</button>
      }
    }
    <input #box aria-label="Message" />
    <button (click)="sender.send(box.value); box.value = ''">Send</button>
  `,
})
class Chat {
  readonly id = input('thread-1');
  readonly status = injectStatus();
  readonly thread = injectThread(this.id);
  readonly requests = injectRequests({ threadId: this.id });
  readonly sender = injectSend(this.id);
}

void bootstrapApplication(Chat, { providers: [provideCodex({ url: '/api/stream' })] });
