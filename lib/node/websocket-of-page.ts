import { openWebSocket as openNative, platformFetch as pageFetch } from '../socket/native.js';
import {
  frameBytes as bytesInNode,
  openWebSocket as openInNode,
  platformFetch as fetchInNode,
} from './websocket.js';

/*
 * Where the conditions "node" and "browser" both hold (jest with jsdom, vitest with the conditions
 * of browsers): a page's stream uses the page's WebSocket, if there is one.
 */
const isPage = 'WebSocket' in globalThis;

export const sendsHeaders = !isPage;
export const openWebSocket = isPage ? openNative : openInNode;
export const platformFetch = isPage ? pageFetch : fetchInNode;
export const frameBytes = isPage ? null : bytesInNode;
