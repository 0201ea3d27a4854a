/** The values of the `:name` parts of a path. */
export type PathParameters = Readonly<Record<string, string>>;

export type EmulatorRoute<Handler> = { method: string; path: string; handle: Handler };

/** Parts that match digits only. Any other `:name` matches a segment, `*name` the rest of the path. */
const digitsOnly = new Set([':number', ':id']);

/**
 * Finds the route for a method and a path such as `/repos/acme/ops/issues/:number`. Fixed parts are compared case-insensitively, as
 * GitHub compares names of owners and repositories. HEAD uses the route of GET.
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
