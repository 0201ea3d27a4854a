/** Problems with inputs or the runner's environment, in sentences for the author of the workflow. */
export class InputError extends Error {
  override name = 'InputError';
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}
