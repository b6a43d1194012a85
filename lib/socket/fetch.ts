/** The part of the platform's `fetch` that this library uses, without the types of the DOM. */
export type Fetch = (url: string, request: FetchRequest) => PromiseLike<FetchResponse>;

/** What a call of `fetch` is made with. */
export interface FetchRequest {
  /** @default 'GET' */
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A redirect is not followed: it may lead a token to another server, or make a GET of a POST. */
  readonly redirect?: 'manual';
  readonly signal: AbortSignal;
}

/** The reply to a call of `fetch`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
  /** Read piece by piece, up to a bound. */
  readonly body?: FetchBody | null;
  /** Read where there is no `body`, without a bound: for a `fetch` that a test plays. */
  json?(): PromiseLike<unknown>;
}

/** The body of a reply. */
export interface FetchBody {
  getReader(): FetchBodyReader;
}

/** Reads a body piece by piece. */
export interface FetchBodyReader {
  read(): PromiseLike<{ readonly done?: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): PromiseLike<unknown>;
}
