/** The form of the names of algorithms, of their parameters, and of tasks in requests. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

/** The form of a task's name, as part of a pattern. */
export const taskNameSource = '[A-Za-z][A-Za-z0-9_-]{0,62}';

/** The form of a task's name in its definition. */
export const taskNamePattern = new RegExp(`^${taskNameSource}$`);

/** The form of the name of a task's parameter, as part of a pattern. */
export const parameterNameSource = '[A-Za-z_][A-Za-z0-9_]{0,62}';

/** The form of the name of a task's parameter, which is also that of an environment variable in Azure Container Instances. */
export const parameterNamePattern = new RegExp(`^${parameterNameSource}$`);
