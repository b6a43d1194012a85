import { createBoundedMap } from '../bounded/index.js';

/**
 * A Codex method as codex-manager spells it in event types: `item/fileChange/requestApproval`
 * becomes `item.file_change.request_approval`.
 *
 * Equal to the server's own normaliser, odd input included: a segment without text becomes
 * `unknown`, one of punctuation or non-ASCII alone vanishes, and so does a method of nothing else
 * (`unknown`).
 */
export function normalizeMethod(method: string): string {
  const segments = method.split('/').map(normalizeSegment);
  return segments.filter((segment) => segment !== '').join('.') || 'unknown';
}

/** The event type of a notification: `app_server.<normalised method>`. */
export const notificationType = (method: string): string => `app_server.${normalizeMethod(method)}`;

/** The event type of a server request: `app_server.request.<normalised method>`. */
export const requestType = /* @__PURE__ */ remember(
  (method) => `app_server.request.${normalizeMethod(method)}`,
);

/** Remembers what a function made of a method: there are a few hundred of them, and many events. */
export function remember(make: (method: string) => string): (method: string) => string {
  const types = createBoundedMap<string, string>(1_000);
  return (method) => {
    let type = types.get(method);
    if (type === undefined) types.set(method, (type = make(method)));
    return type;
  };
}

function normalizeSegment(segment: string): string {
  const text = segment.trim();
  if (text === '') return 'unknown';
  return text
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1_')
    .replace(/([a-z0-9])(?=[A-Z])/g, '$1_')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .join('_')
    .toLowerCase();
}
