import { computed, effect, signal, type Signal } from '@angular/core';
import { threadTree, type ThreadTree } from 'codex-rx';
import { injectCodex } from 'codex-rx/angular';

/** How often it is looked at, in ms. */
const every = 250;

/** A thread with its sub-agents, and theirs; `null` while nothing is known. */
export function injectTree(rootId: () => string | null): Signal<ThreadTree | null> {
  const stream = injectCodex();
  const last = signal<ThreadTree | null>(null);
  effect((onCleanup) => {
    const id = rootId();
    if (id === null) return;
    const following = threadTree(stream, id, { every }).subscribe((tree) => last.set(tree));
    onCleanup(() => following.unsubscribe());
  });
  return computed(() => {
    const tree = last();
    return tree?.thread.id === rootId() ? tree : null;
  });
}
