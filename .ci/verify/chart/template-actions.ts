/** A term of an action: a chain of fields that starts at the dot, a variable or a pipeline, a constant, or a function's name. */
export type Term =
  | { is: 'chain'; from: string | Pipeline; fields: readonly string[] }
  | { is: 'text'; text: string }
  | { is: 'word'; word: string };

/** Commands that pass their result on to the next: `.Values.tag | default "x" | quote`. */
export type Pipeline = readonly (readonly Term[])[];

/** What stands between `{{` and `}}`: a keyword, if any, the variables that it sets, and a pipeline. */
export type Action = { keyword: string | undefined; sets: readonly string[]; pipeline: Pipeline };

const keywords = new Set(['if', 'else', 'with', 'range', 'end', 'define', 'block', 'template']);

/** Returns the actions of a template of Go, as far as helm charts use its syntax. Comments are left out. */
export const readActions = (template: string): Action[] =>
  [...template.matchAll(/\{\{-?\s*((?:"(?:\\.|[^"\\])*"|`[^`]*`|\/\*[\s\S]*?\*\/|[\s\S])*?)\s*-?\}\}/g)]
    .map(([, text = '']) => text)
    .filter((text) => !text.startsWith('/*'))
    .map(readAction);

const readAction = (text: string): Action => {
  const tokens = [...text.matchAll(token)].map(([found]) => found);
  const words: string[] = [];
  // "else if", "else with"
  while (keywords.has(tokens[0] ?? '')) words.push(tokens.shift()!);
  const sets: string[] = [];
  const assignment = tokens.findIndex((found) => found === ':=' || found === '=');
  if (assignment > 0) sets.push(...tokens.splice(0, assignment + 1).filter((found) => found.startsWith('$')));
  return { keyword: words.join(' ') || undefined, sets, pipeline: readPipeline(tokens) };
};

/** Fields that directly follow a parenthesis belong to it: `(index .Values "bot").enabled`. */
const token = /"(?:\\.|[^"\\])*"|`[^`]*`|\)(?:\.\w+)*|[(|,]|:=|=|\$?\w*(?:\.\w+)+|\$\w*|\.|[\w-]+/g;

/** Reads the tokens up to the end or to a closing parenthesis, and removes them. */
const readPipeline = (tokens: string[]): Pipeline => {
  const commands: Term[][] = [[]];
  for (;;) {
    const next = tokens.shift();
    if (next === undefined) return commands;
    if (next.startsWith(')')) {
      tokens.unshift(next);
      return commands;
    }
    if (next === '|') commands.push([]);
    else commands.at(-1)!.push(next === '(' ? readParenthesis(tokens) : toTerm(next));
  }
};

const readParenthesis = (tokens: string[]): Term => {
  const from = readPipeline(tokens);
  return { is: 'chain', from, fields: splitFields(tokens.shift()?.slice(1) ?? '') };
};

const splitFields = (text: string): string[] => text.split('.').filter(Boolean);

const toTerm = (text: string): Term => {
  if (text.startsWith('"') || text.startsWith('`')) return { is: 'text', text: text.slice(1, -1) };
  if (!text.startsWith('.') && !text.startsWith('$')) return { is: 'word', word: text };
  const from = /^\$\w*/.exec(text)?.[0] ?? '.';
  return { is: 'chain', from, fields: splitFields(text.slice(from === '.' ? 0 : from.length)) };
};
