import { AngularNodeAppEngine, createNodeRequestHandler } from '@angular/ssr/node';
import type { IncomingMessage } from 'node:http';

const engine = new AngularNodeAppEngine({ allowedHosts: ['127.0.0.1', 'localhost'] });

/** The page, rendered; `null` if the application has no such path. */
export const render = (request: IncomingMessage) => engine.handle(request);

export const reqHandler = createNodeRequestHandler(() => undefined);
