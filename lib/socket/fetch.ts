/** As much of the platform's `fetch` as is used: no DOM types leak out of this library. */
export type Fetch = (url: string, request: FetchRequest) => PromiseLike<FetchResponse>;

export interface FetchRequest {
  /** @default 'GET' */
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A redirect is not followed: it may lead a token to another server, or make a GET of a POST. */
  readonly redirect?: 'manual';
  readonly signal: AbortSignal;
}

export interface FetchResponse {
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
  /** Read piece by piece, up to a bound. */
  readonly body?: FetchBody | null;
  /** Read where there is no `body`, without a bound: for a `fetch` that a test plays. */
  json?(): PromiseLike<unknown>;
}

export interface FetchBody {
  getReader(): FetchBodyReader;
}

export interface FetchBodyReader {
  read(): PromiseLike<{ readonly done?: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): PromiseLike<unknown>;
}
