import {
  ChangeDetectionStrategy,
  Component,
  computed,
  createEnvironmentInjector,
  effect,
  EnvironmentInjector,
  inject,
  untracked,
  viewChild,
  ViewContainerRef,
} from '@angular/core';
import { sessionProviders } from './config';
import { View } from './lanes/view';
import { Player } from './player';
import { Server } from './server';
import { Session } from './session';

/** The page: a session, and below it what controls a recording. Each run of one is a new session. */
@Component({
  selector: 'inspector-app',
  imports: [Player],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ng-container #place />
    @if (server.playback(); as playback) {
      <inspector-player [playback]="playback" />
    }
  `,
})
export class App {
  readonly server = inject(Server);
  readonly #view = inject(View);
  readonly #parent = inject(EnvironmentInjector);
  protected readonly place = viewChild.required('place', { read: ViewContainerRef });
  /** `null`: not known yet; of agents that work it stays 0. */
  readonly #run = computed(() => {
    if (!this.server.isKnown()) return null;
    return this.server.playback()?.run ?? 0;
  });

  constructor() {
    let isFirst = true;
    effect((onCleanup) => {
      const run = this.#run();
      const place = this.place();
      if (run === null) return;
      const playback = untracked(this.server.playback);
      if (isFirst && playback) this.#view.fitSpan(playback.last - playback.first);
      if (isFirst && playback?.hasBegun) {
        // A page that is loaded again has heard nothing of it: from the beginning up to here.
        isFirst = false;
        void this.server.order({ position: playback.position });
        return;
      }
      isFirst = false;
      untracked(() => {
        this.#view.reset();
        const environmentInjector = createEnvironmentInjector([...sessionProviders], this.#parent);
        place.createComponent(Session, { environmentInjector });
        onCleanup(() => {
          place.clear();
          environmentInjector.destroy();
        });
      });
    });
  }
}
