import { provideZonelessChangeDetection, type ApplicationConfig } from '@angular/core';
import { connectManager, managerDuplicates } from 'codex-rx';
import { provideCodex } from 'codex-rx/angular';
import { takeToken } from './token';

export const config: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideCodex(() => {
      const token = takeToken();
      return connectManager({
        url: new URL('/api/stream', location.href),
        ignore: managerDuplicates,
        ...(token === null ? {} : { token }),
      });
    }),
  ],
};
