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

/** A request that waits, whole: all that is asked stands above the buttons, and Enter accepts nothing. */
@Component({
  selector: 'inspector-card',
  imports: [Diff],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    role: 'group',
    tabindex: '0',
    '[class.answering]': "card().state !== 'open'",
    '[attr.aria-label]': 'title()',
    '(keydown)': 'press($event)',
  },
  template: `
    @let asks = card();
    <header>
      <h3>{{ title() }}</h3>
      <span class="quiet">{{ threadName() }} · {{ age() }}</span>
    </header>
    @switch (asks.kind) {
      @case ('commandExecution') {
        <pre class="asked">{{ text(asks.command) }}</pre>
        @if (asks.cwd) {
          <p class="quiet">in {{ text(asks.cwd) }}</p>
        }
        @if (asks.reason) {
          <p>{{ text(asks.reason) }}</p>
        }
      }
      @case ('fileChange') {
        @for (change of asks.changes; track change.path) {
          <inspector-diff [change]="change" />
        } @empty {
          <p>Which files is not known.</p>
        }
        @if (asks.grantRoot) {
          <p class="warn">It asks for the whole of {{ text(asks.grantRoot) }}, for the session.</p>
        }
      }
      @case ('permissions') {
        <pre class="asked">{{ json(asks.permissions) }}</pre>
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
        @for (field of fields(); track field.name) {
          <label class="field">
            {{ text(field.title) }}
            @if (field.type === 'boolean') {
              <input type="checkbox" (change)="set(field.name, $any($event.target).checked)" />
            } @else if (field.options) {
              <select (change)="set(field.name, $any($event.target).value)">
                <option value=""></option>
                @for (option of field.options; track option) {
                  <option [value]="option">{{ text(option) }}</option>
                }
              </select>
            } @else {
              <input
                [type]="field.type === 'string' ? 'text' : 'number'"
                (input)="
                  set(
                    field.name,
                    field.type === 'string'
                      ? $any($event.target).value
                      : $any($event.target).valueAsNumber
                  )
                "
              />
            }
          </label>
        }
      }
      @case ('dynamicToolCall') {
        <pre class="asked">{{ text(asks.tool) }} {{ json(asks.arguments) }}</pre>
      }
      @default {
        <pre class="asked">{{ asks.method }} {{ json(asks.params) }}</pre>
      }
    }
    @if (failure()) {
      <p class="error" role="alert">{{ text(failure()) }}</p>
    }
    @if (isReadOnly()) {
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
            [disabled]="asks.state !== 'open' || !isComplete()"
            (keydown.enter)="$event.preventDefault()"
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
  readonly #requests = injectCodex().requests;
  readonly #host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly #now = inject(Now);
  readonly text = visible;
  readonly failure = signal('');
  readonly answers = signal<Readonly<Record<string, unknown>>>({});
  readonly title = computed(() => titles[this.card().kind]);
  readonly age = computed(() => duration(this.#now.ms() - this.card().openedAt));
  readonly fields = computed(() => fieldsOf(this.card()));
  readonly isComplete = computed(() => {
    const card = this.card();
    const asked = card.kind === 'userInput' ? card.questions.map(({ id }) => id) : [];
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
    const isTyping =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (isTyping || this.isReadOnly() || this.card().state !== 'open') return;
    const button = { a: '.accept', d: '.decline' }[event.key];
    if (button === undefined) return;
    event.stopPropagation();
    this.#host.querySelector<HTMLButtonElement>(button)?.click();
  }

  #settle(settled: Promise<unknown>): void {
    this.failure.set('');
    settled.catch((error: unknown) =>
      this.failure.set(error instanceof Error ? error.message : String(error)),
    );
  }
}

interface Field {
  readonly name: string;
  readonly title: string;
  readonly type: string;
  readonly options: readonly string[] | null;
}

/** The fields of a form that a server asks for: a flat schema, as MCP has it. */
function fieldsOf({ kind, params }: RequestCard): readonly Field[] {
  if (kind !== 'elicitation') return [];
  const { requestedSchema } = Object(params) as { requestedSchema?: { properties?: object } };
  return Object.entries(Object(requestedSchema?.properties) as Record<string, unknown>).map(
    ([name, schema]) => {
      const {
        title,
        type,
        enum: words,
      } = Object(schema) as { title?: unknown; type?: unknown; enum?: unknown };
      return {
        name,
        title: typeof title === 'string' ? title : name,
        type: typeof type === 'string' ? type : 'string',
        options: Array.isArray(words) ? words.map(String) : null,
      };
    },
  );
}
