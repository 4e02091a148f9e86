/*
 * SQL Server quotes values in its messages: the key of a duplicate (2627), the text that could not be converted (245),
 * the value that was cut (2628). Only these numbers keep their message, which names objects and nothing else.
 */
const messagesWithoutValues = new Set([
  102, 156, 170, 207, 208, 209, 229, 230, 262, 297, 911, 1105, 1205, 1222, 1750, 1779, 1913, 2714, 3701, 3726, 3902,
  3903, 3906, 3960, 4104, 4902, 4922, 5074, 9002,
]);

/** What is kept of a driver's error: numbers, codes, and a message where that is safe. */
export class DriverFault extends Error {
  override readonly name = 'DriverFault';
  readonly number: number | undefined;
  readonly code: string | undefined;
  readonly severity: number | undefined;
  readonly line: number | undefined;

  constructor(message: string, facts: Partial<Pick<DriverFault, 'number' | 'code' | 'severity' | 'line'>>) {
    super(message);
    this.number = facts.number;
    this.code = facts.code;
    this.severity = facts.severity;
    this.line = facts.line;
  }
}

const numberIn = (value: object, key: string): number | undefined => {
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'number' ? found : undefined;
};

const textIn = (value: object, key: string): string | undefined => {
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' ? found : undefined;
};

/** Of several errors of one request the one that decides: a deadlock or conflict, else the first with a number. */
const leading = (error: unknown): unknown => {
  if (!(error instanceof AggregateError)) return error;
  const errors: readonly unknown[] = error.errors;
  const numbered = errors.filter((one) => one instanceof Error && numberIn(one, 'number') !== undefined);
  return (
    numbered.find((one) => [1205, 3960].includes(numberIn(Object(one), 'number') ?? 0)) ?? numbered[0] ?? errors[0]
  );
};

/** Of Node's TLS: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
export const isCertificateFault = (code: string): boolean =>
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$|ERR_TLS_CERT_)/.test(code);

const systemCode = (error: Error): string | undefined => {
  // mssql has its own name for what tedious calls the cause.
  for (let at: unknown = error; at instanceof Error; at = at.cause ?? Reflect.get(at, 'originalError')) {
    const inner = at instanceof AggregateError ? at.errors.find((one) => one instanceof Error) : undefined;
    const code = textIn(at, 'code') ?? (inner === undefined ? undefined : textIn(inner, 'code'));
    if (code?.match(/^E(CONN|HOST|NET|NOTFOUND|AI_|PIPE|ADDR|TIMEDOUT|NOENCRYPTION)/)) return code;
    if (code !== undefined && isCertificateFault(code)) return code;
  }
  return undefined;
};

/** Reduces an error of tedious or knex to what may be logged. */
export const faultOf = (error: unknown): DriverFault => {
  const one = leading(error);
  if (one instanceof DriverFault) return one;
  if (!(one instanceof Error)) return new DriverFault('unknown', nothing);
  const number = numberIn(one, 'number');
  const code = textIn(one, 'code') ?? (one.name === 'KnexTimeoutError' ? 'EPOOL' : undefined);
  // Errors without a number are the driver's own: states, timeouts, types. Those of parameters name the parameter.
  const safe = number === undefined || messagesWithoutValues.has(number);
  const system = systemCode(one);
  const message = `${number === undefined ? (code ?? one.name) : `SQL Server error ${number}`}${system === undefined ? '' : ` (${system})`}${
    safe ? `: ${one.message.slice(0, 500)}` : ''
  }`;
  return new DriverFault(message, {
    number,
    code: system ?? code,
    severity: numberIn(one, 'class'),
    line: numberIn(one, 'lineNumber'),
  });
};

const nothing = { number: undefined, code: undefined, severity: undefined, line: undefined };
