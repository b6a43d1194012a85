import { bootstrapApplication, type BootstrapContext } from '@angular/platform-browser';
import { Chat } from './app/chat';
import { serverConfig } from './app/config.server';

export default (context: BootstrapContext) => bootstrapApplication(Chat, serverConfig, context);
