/** What is wrong with inputs or with the runner's environment, a sentence each, for whoever wrote the workflow. */
export class InputError extends Error {
  override name = 'InputError';
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}
