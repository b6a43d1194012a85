import { Ctx, Payload } from '@nestjs/microservices';

interface MetadataApi {
  readonly getMetadata: (key: string, target: object, property: string | symbol) => unknown;
}

/** Where Nest keeps what is injected into the parameters of a method. */
const parametersKey = '__routeArguments__';

/**
 * Gives a method its event and its context, where its parameters are not decorated: Nest itself
 * would leave the second one `undefined`.
 */
export function giveContext(target: object, key: string | symbol): void {
  const { getMetadata } = Reflect as unknown as MetadataApi;
  const given = Object(getMetadata(parametersKey, target.constructor, key)) as object;
  const decorated = Object.values(given).map(({ index }: { index: number }) => index);
  // Parameters are decorated before their method.
  if (!decorated.includes(0)) Payload()(target, key, 0);
  if (!decorated.includes(1)) Ctx()(target, key, 1);
}
