import {
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  signal,
} from '@angular/core';
import { answerElicitation, answerQuestions, grantPermissions } from 'codex-rx';
import { injectCodex, type RequestCard } from 'codex-rx/angular';
import { Diff } from '../transcript/diff';
import { Now } from '../now';
import { duration } from '../time';
import { visible } from '../visible';
import { fieldsOf } from './fields';
import { Form } from './form';
import { Seen } from './seen';

const titles: Readonly<Record<RequestCard['kind'], string>> = {
  commandExecution: 'May it run this command?',
  fileChange: 'May it change these files?',
  permissions: 'May it have these permissions?',
  userInput: 'It asks you',
  elicitation: 'A server asks you',
  dynamicToolCall: 'It calls a tool',
  authTokensRefresh: 'It needs fresh tokens',
  attestation: 'It needs an attestation',
  currentTime: 'It asks for the time',
  other: 'It waits for something',
};

/** How long the end of what is asked is on the screen before it can be accepted, in ms. */
const readingTime = 400;

/** A request that waits, whole: all that is asked stands above the buttons, and Enter accepts nothing. */
@Component({
  selector: 'inspector-card',
  imports: [Diff, Form, Seen],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    role: 'group',
    tabindex: '0',
    '[class.answering]': "card().state !== 'open' || outcome() !== ''",
    '[attr.aria-label]': 'title()',
    '(keydown)': 'press($event)',
  },
  template: `
    @let asks = card();
    <header>
      <h3 [seenAfter]="0" (seen)="isBeginSeen.set(true)">{{ title() }}</h3>
      <span class="quiet">{{ threadName() }} · {{ age() }}</span>
    </header>
    @switch (asks.kind) {
      @case ('commandExecution') {
        <pre class="asked">{{ asks.command ? text(asks.command) : json(asks.params) }}</pre>
        @if (asks.cwd) {
          <p class="quiet">in {{ text(asks.cwd) }}</p>
        }
        @if (asks.reason) {
          <p>{{ text(asks.reason) }}</p>
        }
      }
      @case ('fileChange') {
        @for (change of asks.changes; track change.path) {
          <inspector-diff [change]="change" [most]="Infinity" />
        } @empty {
          <p>Which files is not known.</p>
        }
        @if (asks.grantRoot) {
          <p class="warn">It asks for the whole of {{ text(asks.grantRoot) }}, for the session.</p>
        }
      }
      @case ('permissions') {
        <pre class="asked">{{ json(asks.permissions) }}</pre>
        @if (asks.reason) {
          <p>{{ text(asks.reason) }}</p>
        }
      }
      @case ('userInput') {
        @for (question of asks.questions; track question.id) {
          <fieldset>
            <legend>{{ text(question.question) }}</legend>
            @for (option of question.options; track option.label) {
              <label>
                <input
                  type="radio"
                  [name]="asks.key + question.id"
                  [checked]="answers()[question.id] === option.label"
                  (change)="set(question.id, option.label)"
                />
                {{ text(option.label) }}
                @if (option.description) {
                  <span class="quiet">{{ text(option.description) }}</span>
                }
              </label>
            }
            @if (!question.options?.length || question.isOther) {
              <input
                [type]="question.isSecret ? 'password' : 'text'"
                [attr.aria-label]="text(question.question)"
                autocomplete="off"
                (input)="set(question.id, $any($event.target).value)"
              />
            }
          </fieldset>
        }
      }
      @case ('elicitation') {
        <p>{{ text(asks.serverName) }}: {{ text(asks.message) }}</p>
        @if (url()) {
          <pre class="asked">{{ text(url()) }}</pre>
        }
        <inspector-form [fields]="fields()" [(answers)]="answers" />
      }
      @case ('dynamicToolCall') {
        <pre class="asked">{{ text(asks.tool) }} {{ json(asks.arguments) }}</pre>
      }
      @default {
        <pre class="asked">{{ asks.method }} {{ json(asks.params) }}</pre>
      }
    }
    @if (asks.kind === 'commandExecution' || asks.kind === 'fileChange') {
      <details>
        <summary class="quiet">The request as it came</summary>
        <pre class="asked">{{ json(asks.params) }}</pre>
      </details>
    }
    <span class="end-of-card" [seenAfter]="readingTime" (seen)="isEndSeen.set(true)"></span>
    @if (failure()) {
      <p class="error" role="alert">{{ text(failure()) }}</p>
    }
    @if (outcome()) {
      <p class="quiet buttons">{{ outcome() }}</p>
    } @else if (isReadOnly()) {
      <p class="quiet">This page only looks.</p>
    } @else if (asks.answerable) {
      <div class="buttons">
        @if (can('decline')) {
          <button
            type="button"
            class="decline"
            [disabled]="asks.state !== 'open'"
            (click)="decline()"
          >
            Decline <kbd>d</kbd>
          </button>
        }
        @if (can('accept')) {
          <button
            type="button"
            class="accept"
            [disabled]="asks.state !== 'open' || !isComplete() || !isSeen()"
            (click)="accept()"
          >
            {{ asks.kind === 'userInput' || asks.kind === 'elicitation' ? 'Answer' : 'Accept' }}
            <kbd>a</kbd>
          </button>
        }
      </div>
    } @else {
      <p class="quiet">This source cannot answer it.</p>
    }
  `,
})
export class Card {
  readonly card = input.required<RequestCard>();
  readonly threadName = input('');
  readonly isReadOnly = input(false);
  /** How it ended; empty as long as it waits. */
  readonly outcome = input('');
  readonly #requests = injectCodex().requests;
  readonly #host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly #now = inject(Now);
  readonly text = visible;
  readonly failure = signal('');
  readonly answers = signal<Readonly<Record<string, unknown>>>({});
  readonly title = computed(() => titles[this.card().kind]);
  readonly age = computed(() => duration(this.#now.ms() - this.card().openedAt));
  readonly fields = computed(() => fieldsOf(this.card()));
  /** The address that a server wants to be opened. It is shown, and opened by nobody. */
  readonly url = computed(() => {
    const { url } = Object(this.card().params) as { url?: unknown };
    return typeof url === 'string' ? url : '';
  });
  readonly Infinity = Infinity;
  readonly readingTime = readingTime;
  /** What it asks has to be on the screen, from its beginning to its end, before it can be accepted. */
  readonly isBeginSeen = signal(false);
  readonly isEndSeen = signal(false);
  readonly isSeen = computed(() => this.isBeginSeen() && this.isEndSeen());
  readonly isComplete = computed(() => {
    const card = this.card();
    const required = this.fields().filter(({ isRequired }) => isRequired);
    const asked =
      card.kind === 'userInput'
        ? card.questions.map(({ id }) => id)
        : required.map(({ name }) => name);
    return asked.every((id) => this.answers()[id] !== undefined && this.answers()[id] !== '');
  });

  json(value: unknown): string {
    return visible(JSON.stringify(value, null, 2) ?? '');
  }

  set(name: string, value: unknown): void {
    this.answers.update((answers) => ({ ...answers, [name]: value }));
  }

  can(word: 'accept' | 'decline'): boolean {
    const { kind } = this.card();
    if (word === 'decline') return 'decline' in this.card() && kind !== 'other';
    return ['commandExecution', 'fileChange', 'permissions', 'userInput', 'elicitation'].includes(
      kind,
    );
  }

  accept(): void {
    const card = this.card();
    const note = { by: 'inspector' };
    switch (card.kind) {
      case 'commandExecution':
      case 'fileChange':
        return this.#settle(card.accept());
      case 'permissions':
        return this.#settle(
          this.#requests.answer(card, grantPermissions(card, card.permissions), note),
        );
      case 'userInput':
        return this.#settle(
          this.#requests.answer(
            card,
            answerQuestions(card, this.answers() as Record<string, string>),
            note,
          ),
        );
      case 'elicitation':
        return this.#settle(
          this.#requests.answer(card, answerElicitation(card, this.answers()), note),
        );
    }
  }

  decline(): void {
    const card = this.card();
    if ('decline' in card) this.#settle(card.decline());
  }

  /** Keys count for the card that has the focus, and never while something is typed. */
  press(event: KeyboardEvent): void {
    // No button is pressed by it: whoever types and hits Enter has answered nothing.
    if (event.key === 'Enter') event.preventDefault();
    const isTyping =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (isTyping || this.isReadOnly() || this.outcome() || this.card().state !== 'open') return;
    const button = { a: '.accept', d: '.decline' }[event.key];
    if (button === undefined) return;
    event.stopPropagation();
    const end = this.#host.querySelector('.end-of-card');
    // What it asks comes first.
    if (button === '.accept' && !this.isSeen()) end?.scrollIntoView({ block: 'nearest' });
    else this.#host.querySelector<HTMLButtonElement>(button)?.click();
  }

  #settle(settled: Promise<unknown>): void {
    this.failure.set('');
    settled.catch((error: unknown) =>
      this.failure.set(error instanceof Error ? error.message : String(error)),
    );
  }
}
