import { escapeUnlessPlain, toCodeSpan } from '../../markdown/untrusted-text.ts';

/** A parameter in help. `values`: our own Markdown, which describes what it can be. */
export type ListedParameter = {
  name: string;
  required: boolean;
  secret: boolean;
  values: string;
  default?: string | undefined;
  description?: string | undefined;
};

/** Formats parameters as a list, one on each line. */
export const formatParameterList = (parameters: readonly ListedParameter[]): string =>
  parameters.map(formatParameter).join('\n');

const formatParameter = (parameter: ListedParameter): string => {
  const { name, required, secret, values, description } = parameter;
  const marks = [required ? 'required' : undefined, secret ? 'secret' : undefined];
  const label = [toCodeSpan(name), ...marks.filter((mark) => mark !== undefined)].join(', ');
  const defaultValue = parameter.default === undefined ? '' : `; default ${toCodeSpan(parameter.default)}`;
  return `- ${label}: ${values}${defaultValue}.${description ? ` ${escapeUnlessPlain(description)}.` : ''}`;
};
