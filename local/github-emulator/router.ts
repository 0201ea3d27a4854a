/** What a route's path holds at its `:name` places. */
export type PathParameters = Readonly<Record<string, string>>;

export type EmulatorRoute<Handler> = { method: string; path: string; handle: Handler };

/** A `:number` or `:id` is digits; any other name takes whatever stands between two slashes, `*name` all that is left. */
const digitsOnly = new Set([':number', ':id']);

/**
 * Finds the route for a method and a path such as `/repos/acme/ops/issues/:number`. Fixed parts are compared in any case, as
 * GitHub compares the names of owners and repositories. HEAD is answered by GET's route.
 */
export const matchRoute = <Handler>(
  routes: readonly EmulatorRoute<Handler>[],
  method: string,
  path: string,
) => {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const actual = path.split('/');
  for (const route of routes) {
    const parameters = route.method === wanted ? matchPath(route.path.split('/'), actual) : undefined;
    if (parameters) return { handle: route.handle, parameters };
  }
  return undefined;
};

const matchPath = (pattern: readonly string[], segments: readonly string[]): PathParameters | undefined => {
  const last = pattern.length - 1;
  const actual =
    pattern[last]?.startsWith('*') && segments.length > last
      ? [...segments.slice(0, last), segments.slice(last).join('/')]
      : segments;
  if (pattern.length !== actual.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const value = actual[index] as string;
    if (!/^[:*]/.test(part)) {
      if (part.toLowerCase() !== value.toLowerCase()) return undefined;
    } else {
      const decoded = decodeSegment(value);
      if (!decoded || (digitsOnly.has(part) && !/^\d{1,15}$/.test(decoded))) return undefined;
      parameters[part.slice(1)] = decoded;
    }
  }
  return parameters;
};

const decodeSegment = (value: string): string | undefined => {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
};
