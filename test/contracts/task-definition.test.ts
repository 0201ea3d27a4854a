import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { runnerLimits, TaskDefinition, TaskList } from '../../contracts/task-definition.ts';
import { parseInput } from '../../contracts/problem.ts';

const definition = (fields: object): unknown => ({
  taskName: 'Stop',
  dockerImage: 'image',
  scriptName: 'stop.sh',
  ...fields,
});
const read = (fields: object) => {
  const result = parseInput(TaskDefinition, definition(fields));
  return result.ok ? result.value : result.problem.message;
};
const readRunner = (runner: unknown) => {
  const result = read({ runner });
  return typeof result === 'string' ? result : result.runner;
};

describe('the runner of a definition', () => {
  test('can be left out, also in part', () => {
    expect(read({})).not.toHaveProperty('runner');
    expect(readRunner({})).toEqual({});
    expect(readRunner({ identity: 'vm-operator' })).toEqual({ identity: 'vm-operator' });
    expect(readRunner({ cpu: 2, memoryGb: 3.5 })).toEqual({ cpu: 2, memoryGb: 3.5 });
  });

  test('can have each size with one decimal place within the limits of Azure', () => {
    const { minCpu, maxCpu, minMemoryGb, maxMemoryGb } = runnerLimits;
    const tenths = (min: number, max: number) =>
      fc.integer({ min: min * 10, max: max * 10 }).map((n) => Number(`${Math.floor(n / 10)}.${n % 10}`));
    fc.assert(
      fc.property(tenths(minCpu, maxCpu), tenths(minMemoryGb, maxMemoryGb), (cpu, memoryGb) => {
        expect(readRunner({ cpu, memoryGb })).toEqual({ cpu, memoryGb });
      }),
    );
  });

  test.each([
    [{ cpu: 0.5 }, 'runner.cpu: expected a number from 1 to 31 with at most one decimal place'],
    [{ cpu: 31.1 }, 'runner.cpu: expected a number from 1 to 31 with at most one decimal place'],
    [{ cpu: 1.25 }, 'runner.cpu: expected a number from 1 to 31 with at most one decimal place'],
    [{ cpu: '2' }, 'runner.cpu: expected a number from 1 to 31 with at most one decimal place'],
    [{ memoryGb: 0 }, 'runner.memoryGb: expected a number from 1 to 240 with at most one decimal place'],
    [{ memoryGb: 1.55 }, 'runner.memoryGb: expected a number from 1 to 240 with at most one decimal place'],
    [{ identity: '/subscriptions/x' }, 'runner.identity: expected the name of an identity'],
    [{ identity: '' }, 'runner.identity: expected the name of an identity'],
    [{ identity: 7 }, 'runner.identity: expected the name of an identity'],
    ['vm-operator', 'runner: expected an object'],
    [null, 'runner: expected an object'],
    [[], 'runner: expected an object'],
  ])('is refused as %j', (runner, message) => {
    expect(readRunner(runner)).toContain(message);
  });

  test('is in the list of tasks, so that people see it before they run a task', () => {
    const task = v.parse(TaskDefinition, definition({ runner: { identity: 'vm-operator' } }));
    expect(v.parse(TaskList, { v: 1, tasks: [task], invalid: [] }).tasks[0]?.runner).toEqual({
      identity: 'vm-operator',
    });
  });
});

describe('the type of a parameter', () => {
  const readType = (parameterType: string) => {
    const result = read({ scriptParameters: [{ parameterName: 'n', parameterType }] });
    return typeof result === 'string' ? result : result.scriptParameters[0]?.parameterType;
  };

  test.each([
    ['int', 'integer'],
    ['integer', 'integer'],
    ['string', 'string'],
    ['number', 'number'],
    ['boolean', 'boolean'],
  ])('%s is read as %s', (written, type) => {
    expect(readType(written)).toBe(type);
  });

  test('is refused with the names that the documentation uses', () => {
    expect(readType('float')).toContain('expected one of string, number, integer, boolean, received float');
  });
});
