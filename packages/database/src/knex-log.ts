const nothing = (): void => undefined;

/** What knex would print is thrown as an error of ours anyway; libraries do not write to the console. */
export const quiet = { warn: nothing, error: nothing, deprecate: nothing, debug: nothing };
