import { inject, provideZonelessChangeDetection, type ApplicationConfig } from '@angular/core';
import { connectManager, managerDuplicates } from 'codex-rx';
import { provideCodex } from 'codex-rx/angular';
import { Address } from './address';

export const config: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideCodex(() => {
      const { token } = inject(Address);
      return connectManager({
        url: new URL('/api/stream', location.href),
        ignore: managerDuplicates,
        ...(token === null ? {} : { token }),
      });
    }),
  ],
};
