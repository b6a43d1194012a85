import type {
  ExperimentalClientRequestParams,
  Incoming,
  NotificationParams,
} from '../protocol/index.js';

type Method = keyof ExperimentalClientRequestParams;

/** The method that cancels a call, given its id. */
export const cancelMethods = {
  'thread/sample': 'thread/sample/cancel',
  'thread/search': 'thread/search/cancel',
  'thread/search/stream': 'thread/search/stream/cancel',
  'userVerification/enroll': 'userVerification/cancel',
  'userVerification/verify': 'userVerification/cancel',
} as const satisfies Partial<Record<Method, Method>>;

export const cancelMethodOf = (method: string): string | undefined =>
  Object.hasOwn(cancelMethods, method)
    ? cancelMethods[method as keyof typeof cancelMethods]
    : undefined;

/** The partial results of each call that has them. */
export interface CallPartials {
  readonly 'thread/search/stream': Incoming.ThreadSearchPartialNotification;
}

/** The notification that brings it. */
export const partialMethod: keyof NotificationParams = 'thread/search/partial';
