import {
  inject,
  provideZonelessChangeDetection,
  type ApplicationConfig,
  type EnvironmentProviders,
  type Provider,
} from '@angular/core';
import { connectManager, managerDuplicates } from 'codex-rx';
import { provideCodex } from 'codex-rx/angular';
import { Address } from './address';
import { EventLog } from './event-log';
import { JustSettled } from './inbox/settled';

export const config: ApplicationConfig = { providers: [provideZonelessChangeDetection()] };

/** What begins anew with each run of a recording: the stream, and all that is known from it. */
export const sessionProviders: readonly (Provider | EnvironmentProviders)[] = [
  provideCodex(() => {
    const { token } = inject(Address);
    return connectManager({
      url: new URL('/api/stream', location.href),
      ignore: managerDuplicates,
      ...(token === null ? {} : { token }),
    });
  }),
  EventLog,
  JustSettled,
];
