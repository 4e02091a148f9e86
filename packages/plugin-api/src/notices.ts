import { errorKinds, type KnownError } from './errors.ts';
import { type Details, fillText, type Placeholders, type Text } from './text.ts';

export type Severity = 'info' | 'warning' | 'error';

/** What a notice speaks about: a portal, a product, a person by key. `name` is for display, `id` for linking. */
export interface Subject {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
}

/** Something an administrator should read in the report of a run, less than the failure of the run. Plain data. */
export interface Notice {
  readonly code: string;
  readonly severity: Severity;
  readonly message: Text;
  readonly remedy?: Text;
  readonly subject?: Subject;
  readonly details?: Details;
}

export interface NoticeDefinition {
  readonly severity: Severity;
  readonly message: Text;
  readonly remedy?: Text;
}

type DetailsOf<D extends NoticeDefinition> =
  | Placeholders<D['message']['en']>
  | Placeholders<D['message']['de']>
  | (D['remedy'] extends Text ? Placeholders<D['remedy']['en']> | Placeholders<D['remedy']['de']> : never);

type Create<D extends NoticeDefinition> = [DetailsOf<D>] extends [never]
  ? (details?: Details, subject?: Subject) => Notice
  : (details: Readonly<Record<DetailsOf<D>, string | number>> & Details, subject?: Subject) => Notice;

export type NoticeCatalogue<D extends Record<string, NoticeDefinition> = Record<string, NoticeDefinition>> = {
  readonly [Code in keyof D]: Create<D[Code]>;
} & { readonly definitions: D };

/** Makes a catalogue of notices: one function per code, and the entries as data for documentation and tests. */
export const defineNotices = <const D extends Record<string, NoticeDefinition>>(definitions: D): NoticeCatalogue<D> => {
  const entries = Object.entries(definitions).map(([code, definition]) => [
    code,
    (details: Details = {}, subject?: Subject): Notice => ({
      code,
      severity: definition.severity,
      message: fillText(definition.message, details),
      ...(definition.remedy === undefined ? {} : { remedy: fillText(definition.remedy, details) }),
      ...(subject === undefined ? {} : { subject }),
      ...(Object.keys(details).length === 0 ? {} : { details }),
    }),
  ]);
  return { ...Object.fromEntries(entries), definitions } as NoticeCatalogue<D>;
};

/** Reports an error as a notice of its subject: "this item could not", while the run goes on. */
export const noticeOf = (error: KnownError, subject?: Subject, severity: Severity = 'error'): Notice => ({
  code: error.code,
  severity,
  message: { en: error.text('en'), de: error.text('de') },
  remedy: { en: error.remedy('en'), de: error.remedy('de') },
  ...(subject === undefined ? {} : { subject }),
  details: { ...error.details, retry: errorKinds[error.kind].retry ? 'yes' : 'no' },
});
