import type { Logger, Notice } from '@itsm-m365/plugin-api';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** What the plugins told the host, in its order. */
export interface Recorded {
  readonly log: LogLine[];
  readonly changes: { readonly id: string; readonly task: string; readonly state: string }[];
  readonly told: { readonly key: string; readonly notice: Notice }[];
}

export const recordingLogger = (log: LogLine[], bound: object = {}): Logger => {
  const at = (level: LogLine['level']) => (fields: object, message?: string) => {
    log.push({ level, fields: { ...bound, ...fields }, message: message ?? '' });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => recordingLogger(log, { ...bound, ...fields }),
  };
};
