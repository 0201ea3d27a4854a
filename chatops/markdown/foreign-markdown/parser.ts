import MarkdownIt, { type StateBlock, type StateInline, type Token } from 'markdown-it';

/** The levels of lists and quotes that are parsed. The parser leaves out the content of deeper ones. */
const maxNesting = 20;

/** The columns of a table. The parser fills each row with empty cells, so that a short text could make a huge table. */
const maxColumns = 20;

/** Reads a table with too many columns, up to the next blank line, as code. */
const readWideTable = (state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean => {
  if (startLine + 1 >= endLine) return false;
  const delimiters = state.getLines(startLine + 1, startLine + 2, 0, false);
  if (!/^[|:\s>-]*$/.test(delimiters) || delimiters.split('|').length <= maxColumns + 2) return false;
  if (silent) return true;
  let nextLine = startLine + 1;
  while (nextLine < endLine && !state.isEmpty(nextLine)) nextLine += 1;
  state.push('fence', 'code', 0).content = state.getLines(startLine, nextLine, state.blkIndent, false);
  state.line = nextLine;
  return true;
};

/** Matches the address of a link, after its text, with an optional title. */
const addressPattern = /\(\s*<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/y;

/**
 * Reads a link or an image as its text, a blank, and its address as code. Links to definitions elsewhere in the text, and addresses with
 * unusual characters, stay text.
 */
const readLink = (state: StateInline, silent: boolean): boolean => {
  const bracket = state.src[state.pos] === '!' ? state.pos + 1 : state.pos;
  if (state.src[bracket] !== '[') return false;
  const labelEnd = state.md.helpers.parseLinkLabel(state, bracket);
  if (labelEnd < 0) return false;
  addressPattern.lastIndex = labelEnd + 1;
  const [whole, address] = addressPattern.exec(state.src) ?? [];
  if (whole === undefined || !address) return false;
  const { posMax } = state;
  const end = labelEnd + 1 + whole.length;
  if (end > posMax) return false;
  if (!silent) {
    const label = state.src.slice(bracket + 1, labelEnd);
    if (label.trim() !== '' && label !== address) {
      state.pos = bracket + 1;
      state.posMax = labelEnd;
      state.md.inline.tokenize(state);
      state.pending += ' ';
    }
    state.push('code_inline', 'code', 0).content = address;
  }
  state.pos = end;
  state.posMax = posMax;
  return true;
};

/** Creates a parser of what is shown of foreign Markdown. HTML, entities, autolinks, footnotes and definitions stay text. */
const createParser = () => {
  const parser = new MarkdownIt('zero', { maxNesting });
  const blocks = ['heading', 'lheading', 'list', 'table', 'fence', 'code', 'blockquote', 'hr'];
  parser.enable([...blocks, 'emphasis', 'strikethrough', 'backticks', 'escape', 'newline', 'link', 'image']);
  parser.block.ruler.before('table', 'wide_table', readWideTable, { alt: ['paragraph', 'blockquote'] });
  parser.inline.ruler.at('link', readLink);
  parser.inline.ruler.at('image', readLink);
  return parser;
};

let parser: ReturnType<typeof createParser> | undefined;

/** Parses Markdown in time linear in its length. @returns undefined if it is nested too deeply to be shown whole */
export const parseForeignMarkdown = (text: string): Token[] | undefined => {
  parser ??= createParser();
  const tokens = parser.parse(text, {});
  const isTooDeep = tokens.some(({ nesting, level }) => nesting === 1 && level >= maxNesting - 1);
  return isTooDeep ? undefined : tokens;
};
