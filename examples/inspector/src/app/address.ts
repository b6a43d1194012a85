import { Injectable } from '@angular/core';

const names = {
  token: 'codex-rx-token',
  readOnly: 'codex-rx-read-only',
  events: 'codex-rx-events',
};

/**
 * What the address gives in its fragment, which no server gets: `#t=<token>`, `&read-only`, and how
 * many events are kept, `&events=<count>`. It leaves the address at once, so that it is in no history
 * and no screenshot, and stays in this tab, so that the page can be loaded again.
 */
@Injectable({ providedIn: 'root' })
export class Address {
  readonly token: string | null;
  /** Whether the server refuses what would change something: the page does not offer it then. */
  readonly isReadOnly: boolean;
  /** How many events are kept. */
  readonly maxEvents: number;

  constructor() {
    const given = new URLSearchParams(location.hash.slice(1));
    const token = given.get('t');
    if (token !== null) {
      sessionStorage.setItem(names.token, token);
      sessionStorage.setItem(names.readOnly, String(given.has('read-only')));
      sessionStorage.setItem(names.events, given.get('events') ?? '');
      history.replaceState(null, '', location.pathname + location.search);
    }
    this.token = sessionStorage.getItem(names.token);
    this.maxEvents = Number(sessionStorage.getItem(names.events)) || 50_000;
    this.isReadOnly = sessionStorage.getItem(names.readOnly) === 'true';
  }
}
