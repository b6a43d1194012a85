// What a chat costs without codex-rx: see sizes.mjs.

import { Component, input, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';

@Component({
  selector: 'app-page',
  template: `
    <p role="status">{{ status() }}</p>
    @for (turn of turns(); track turn.id) {
      @for (item of turn.items; track item.id) {
        <p>{{ item.text }}</p>
      }
    }
    @for (request of requests(); track request.key) {
      <pre>{{ request.command }}</pre>
      <button (click)="answer('decline')">Decline</button>
      <button (click)="answer('accept')">Accept</button>
    }
    <input #box aria-label="Message" />
    <button (click)="answer(box.value); box.value = ''">Send</button>
  `,
})
class Chat {
  readonly id = input('thread-1');
  readonly status = signal('idle');
  readonly turns = signal<{ id: string; items: { id: string; text: string }[] }[]>([]);
  readonly requests = signal<{ key: string; command: string }[]>([]);

  answer(text: string): void {
    this.status.set(text);
  }
}

void bootstrapApplication(Chat);
