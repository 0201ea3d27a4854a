/** The name of an algorithm, of a task or of an algorithm's parameter in a request. */
export const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;

/** The name of a task in its definition. */
export const taskNamePattern = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

/** The name of a task's parameter: that of an environment variable in Azure Container Instances. */
export const parameterNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
