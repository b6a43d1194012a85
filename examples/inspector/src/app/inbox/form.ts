import { ChangeDetectionStrategy, Component, effect, input, model, untracked } from '@angular/core';
import { visible } from '../visible';
import type { Field } from './fields';

/** The form of a server: its answers by the names of its fields. */
@Component({
  selector: 'inspector-form',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @for (field of fields(); track field.name) {
      @switch (field.kind) {
        @case ('some of') {
          <fieldset>
            <legend>{{ text(field.title) }}</legend>
            @for (option of field.options; track option.value) {
              <label>
                <input
                  type="checkbox"
                  [checked]="chosen(field.name).includes(option.value)"
                  (change)="choose(field.name, option.value, $any($event.target).checked)"
                />
                {{ text(option.title) }}
              </label>
            }
          </fieldset>
        }
        @case ('one of') {
          <label class="field">
            {{ text(field.title) }}
            <select (change)="set(field.name, $any($event.target).value || undefined)">
              <option value=""></option>
              @for (option of field.options; track option.value) {
                <option [value]="option.value" [selected]="answers()[field.name] === option.value">
                  {{ text(option.title) }}
                </option>
              }
            </select>
          </label>
        }
        @case ('yes or no') {
          <label class="field">
            {{ text(field.title) }}
            <input
              type="checkbox"
              [checked]="answers()[field.name] === true"
              (change)="set(field.name, $any($event.target).checked)"
            />
          </label>
        }
        @default {
          <label class="field">
            {{ text(field.title) }}
            <input
              step="any"
              autocomplete="off"
              [type]="field.type"
              [value]="answers()[field.name] ?? ''"
              (input)="setText(field, $any($event.target))"
            />
          </label>
        }
      }
      @if (field.description) {
        <p class="quiet">{{ text(field.description) }}</p>
      }
    }
  `,
})
export class Form {
  readonly fields = input.required<readonly Field[]>();
  readonly answers = model.required<Readonly<Record<string, unknown>>>();
  readonly text = visible;

  constructor() {
    effect(() => {
      const initial = this.fields().flatMap(({ name, initial }) =>
        initial === undefined ? [] : [[name, initial] as const],
      );
      const given = untracked(this.answers);
      if (initial.length > 0) this.answers.set({ ...Object.fromEntries(initial), ...given });
    });
  }

  set(name: string, value: unknown): void {
    // What nobody has answered is not sent.
    const { [name]: _, ...others } = this.answers();
    this.answers.set(value === undefined ? others : { ...others, [name]: value });
  }

  setText({ name, kind }: Field, { value, valueAsNumber }: HTMLInputElement): void {
    const number = Number.isNaN(valueAsNumber) ? undefined : valueAsNumber;
    this.set(name, kind === 'number' ? number : value === '' ? undefined : value);
  }

  chosen(name: string): readonly string[] {
    const { [name]: chosen } = this.answers();
    return Array.isArray(chosen) ? chosen : [];
  }

  choose(name: string, value: string, isChosen: boolean): void {
    const others = this.chosen(name).filter((one) => one !== value);
    this.set(name, isChosen ? [...others, value] : others);
  }
}
