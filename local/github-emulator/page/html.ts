/** Text that is HTML already. Only `markup` and `trusted` make it, so all else is escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | boolean | undefined | readonly Value[];

/** A piece of HTML: values that are text are escaped, `true`, `false` and `undefined` leave nothing, arrays are joined. */
export const markup = (parts: TemplateStringsArray, ...values: Value[]): Html =>
  new Html(parts.map((part, index) => part + textOf(values[index])).join(''));

/** Text that is known to be safe HTML: our own, or sanitised. */
export const trusted = (text: string): Html => new Html(text);

const textOf = (value: Value): string => {
  if (value === undefined || typeof value === 'boolean') return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map(textOf).join('') : escaped(String(value));
};

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] as string);
