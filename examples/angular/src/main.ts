import { bootstrapApplication } from '@angular/platform-browser';
import { config } from './app/config';
import { Chat } from './app/chat';

bootstrapApplication(Chat, config).catch((error: unknown) => console.error(error));
