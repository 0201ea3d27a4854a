/** The decoded values of a pattern's `{parameters}`. */
export type PatternParameters = Readonly<Record<string, string>>;

/**
 * Matches a path with a route pattern of Azure Functions, such as `jobs/{id}/cancel`.
 * @returns the parameters, or undefined if it does not match
 */
export const matchPattern = (pattern: string, path: string): PatternParameters | undefined => {
  const wanted = splitSegments(pattern);
  const given = splitSegments(path);
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = decodeSegment(given[index] ?? '');
    if (value === undefined) return undefined;
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name !== undefined) parameters[name] = value;
    else if (segment !== value) return undefined;
  }
  return parameters;
};

/** Returns the number of fixed segments in a pattern. If several patterns match, the one with the most applies. */
export const countFixedSegments = (pattern: string): number =>
  splitSegments(pattern).filter((segment) => !segment.startsWith('{')).length;

const splitSegments = (path: string): string[] => path.replace(/^\/|\/$/g, '').split('/');

const decodeSegment = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};
