/**
 * Does work for each item, one after the other. An item whose work fails does not stop the others.
 * @throws AggregateError with the message and the errors of the items, in the end; the error of the iteration at once
 */
export const processEach = async <T>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<unknown>,
  message: string,
): Promise<void> => {
  const errors: unknown[] = [];
  for await (const item of items) {
    try {
      await work(item);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, message);
};
