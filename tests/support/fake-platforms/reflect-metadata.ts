// @peculiar/x509 pulls in tsyringe, which refuses to load without the `reflect-metadata` polyfill. It only asks for the
// constructor parameters of classes that have none, so "no metadata" is the whole of what it needs. To be imported first.
if (!("getMetadata" in Reflect))
  Object.assign(Reflect, {
    getMetadata: () => undefined,
    getOwnMetadata: () => undefined,
    defineMetadata: () => undefined,
  });
