import { readActions, type Action, type Pipeline, type Term } from './template-actions.ts';

/**
 * A use of a value in a template. `path`: its keys, below `.Values`; `*` is a key that the template computes. `whole`: all of the value is
 * used, and not only tested for being there.
 */
export type ValueUse = { path: readonly string[]; whole: boolean };

/** A place below `.Values`; undefined: elsewhere, or unknown. */
type Place = readonly string[] | undefined;

/**
 * Returns the uses of values in a template of a chart. Follows `with`, variables, `index` and `$`, so that `.parentRef` below
 * `with .Values.bot.gateway` is a use of `bot.gateway.parentRef`. The elements of lists are not followed.
 */
export const findValueUses = (template: string): ValueUse[] => {
  const reader = new UseReader();
  for (const action of readActions(template)) reader.read(action);
  return reader.uses;
};

class UseReader {
  readonly uses: ValueUse[] = [];
  readonly #variables = new Map<string, Place>();
  /** The values of the dot around the current one. Each keyword that needs an `end` adds one. */
  readonly #outer: Place[] = [];
  #dot: Place;

  read({ keyword, sets, pipeline }: Action): void {
    if (keyword === 'end') this.#dot = this.#outer.pop();
    else if (keyword?.startsWith('else')) this.#readElse(keyword, pipeline);
    else if (keyword === 'template') this.#use(pipeline);
    else if (keyword !== undefined) this.#open(keyword, sets, pipeline);
    else if (sets.length > 0) this.#set(sets, this.#evaluate(pipeline));
    else this.#use(pipeline);
  }

  #set(names: readonly string[], place: Place): void {
    for (const name of names) this.#variables.set(name, place);
  }

  #open(keyword: string, sets: readonly string[], pipeline: Pipeline): void {
    this.#outer.push(this.#dot);
    const place = keyword === 'if' || keyword === 'with' ? this.#test(pipeline) : this.#use(pipeline);
    if (keyword !== 'if') this.#dot = keyword === 'with' ? place : undefined;
    this.#set(sets, keyword === 'range' ? undefined : place);
  }

  #readElse(keyword: string, pipeline: Pipeline): void {
    this.#dot = this.#outer.at(-1);
    if (keyword === 'else with') this.#dot = this.#test(pipeline);
    else if (keyword === 'else if') this.#test(pipeline);
  }

  #test(pipeline: Pipeline): Place {
    const place = this.#evaluate(pipeline);
    if (place) this.uses.push({ path: place, whole: false });
    return place;
  }

  #use(pipeline: Pipeline): Place {
    const place = this.#evaluate(pipeline);
    this.#add(place);
    return place;
  }

  #add(place: Place): void {
    if (place) this.uses.push({ path: place, whole: true });
  }

  #evaluate(pipeline: Pipeline): Place {
    const [first = [], ...others] = pipeline;
    const place = this.#evaluateCommand(first);
    if (others.length === 0) return place;
    this.#add(place);
    for (const command of others) this.#evaluateCommand(command);
    return undefined;
  }

  #evaluateCommand(command: readonly Term[]): Place {
    const [first, ...terms] = command;
    if (first?.is === 'chain') return this.#evaluateTerm(first);
    if (first?.is === 'word' && first.word === 'index') return this.#evaluateIndex(terms);
    for (const term of terms) this.#add(this.#evaluateTerm(term));
    return undefined;
  }

  #evaluateIndex([object, ...keys]: readonly Term[]): Place {
    const place = object && this.#evaluateTerm(object);
    for (const key of keys) this.#add(this.#evaluateTerm(key));
    return place && [...place, ...keys.map((key) => (key.is === 'text' ? key.text : '*'))];
  }

  #evaluateTerm(term: Term): Place {
    if (term.is !== 'chain') return undefined;
    const from = this.#evaluateStart(term.from);
    if (from) return [...from, ...term.fields];
    const values = term.fields.indexOf('Values');
    return values < 0 ? undefined : term.fields.slice(values + 1);
  }

  #evaluateStart(from: string | Pipeline): Place {
    if (typeof from !== 'string') return this.#evaluate(from);
    return from === '.' ? this.#dot : this.#variables.get(from);
  }
}
