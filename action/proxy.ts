/** Newer than Node's types. */
type WithProxies = { setGlobalProxyFromEnv?: () => unknown };

/**
 * Has all calls of this process go through the proxy that the environment names, as a runner behind one needs it.
 * @returns false if there is one, and this Node cannot
 */
export const useProxy = (environment: NodeJS.ProcessEnv): boolean => {
  const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];
  if (environment['NODE_USE_ENV_PROXY'] === '1' || !names.some((name) => environment[name])) return true;
  // An import would load all that this module has to give, also where there is no proxy.
  const { setGlobalProxyFromEnv } = process.getBuiltinModule('node:http') as WithProxies;
  setGlobalProxyFromEnv?.();
  return setGlobalProxyFromEnv !== undefined;
};
