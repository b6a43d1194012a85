import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { ItemOf } from 'codex-rx';
import { parsePatch } from 'diff';
import { visible } from '../visible';

type Change = ItemOf<'fileChange'>['changes'][number];

interface Line {
  readonly kind: 'added' | 'removed' | 'same' | 'head';
  readonly text: string;
}

/** A change of one file: its path, and its lines. */
@Component({
  selector: 'inspector-diff',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <p class="path">
      <code>{{ text(change().path) }}</code> <span class="quiet">{{ kind() }}</span>
    </p>
    <pre
      class="diff"
      tabindex="0"
      aria-label="Changed lines"
    >@for (line of lines(); track $index) {<span [class]="line.kind">{{ line.text }}
</span>}</pre>
  `,
})
export class Diff {
  readonly change = input.required<Change>();
  /** How many lines are shown. */
  readonly most = input(500);
  readonly text = visible;
  readonly kind = computed(() => {
    const { type, move_path } = Object(this.change().kind) as {
      type?: string;
      move_path?: string | null;
    };
    return move_path ? `moves to ${visible(move_path)}` : visible(type ?? '');
  });
  readonly lines = computed(() => linesOf(this.change(), this.most()));
}

function linesOf({ diff, kind }: Change, most: number): readonly Line[] {
  const { type } = Object(kind) as { type?: string };
  const lines = hunksOf(diff) ?? diff.split('\n').map((text): Line => plain(text, type));
  const shown = lines.slice(0, most);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, { kind: 'head', text: `… ${more} lines more` }] : shown;
}

/** The lines of a unified diff; `null` if it is none. */
function hunksOf(diff: string): readonly Line[] | null {
  try {
    const hunks = parsePatch(diff).flatMap((patch) => patch.hunks);
    if (hunks.length === 0) return null;
    return hunks.flatMap(({ oldStart, newStart, lines }) => [
      { kind: 'head' as const, text: `@@ ${oldStart} → ${newStart}` },
      ...lines.map((text) => plain(text, undefined)),
    ]);
  } catch {
    return null;
  }
}

/** A new file is given as its text. */
function plain(text: string, type: string | undefined): Line {
  const shown = visible(text);
  if (type === 'add') return { kind: 'added', text: `+${shown}` };
  if (type === 'delete') return { kind: 'removed', text: `-${shown}` };
  return {
    kind: text.startsWith('+') ? 'added' : text.startsWith('-') ? 'removed' : 'same',
    text: shown,
  };
}
