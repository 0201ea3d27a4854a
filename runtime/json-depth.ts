/** The maximum nesting depth of JSON. It is .NET's own limit, so it is the same on Azure. */
export const maxJsonDepth = 64;

const quote = 0x22;
const backslash = 0x5c;

/** Returns whether a JSON text is nested too deeply. Parsers and serializers recurse once per level. */
export const isTooDeep = (text: string): boolean => {
  if (text.length <= maxJsonDepth) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = findStringEnd(text, at);
    // `[` and `{`, `]` and `}` differ in one bit.
    else if ((code | 0x20) === 0x7b) {
      depth += 1;
      if (depth > maxJsonDepth) return true;
    } else if ((code | 0x20) === 0x7d) depth -= 1;
  }
  return false;
};

const findStringEnd = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
};
