/** A text an administrator reads, in both languages of the product. `{name}` marks a value filled in later. */
export interface Text {
  readonly en: string;
  readonly de: string;
}

export type Language = keyof Text;

export const languages: readonly Language[] = ['en', 'de'];

/** Values for the placeholders of a text. Never a secret, never a person's name where an id would do. */
export type Details = Readonly<Record<string, string | number>>;

/** The names between braces in a template: `'Portal {portal}'` has `'portal'`. */
export type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** Fills `{name}` placeholders; an unknown name stays visible, so that a missing value is noticed and not hidden. */
export const fill = (template: string, details: Details): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = details[name];
    return value === undefined ? whole : String(value);
  });

/** Fills a text in both languages at once. */
export const fillText = (text: Text, details: Details): Text => ({
  en: fill(text.en, details),
  de: fill(text.de, details),
});

/** Chooses the language for an `Accept-Language` header (RFC 9110, 12.5.4); English where neither language is asked for. */
export const preferredLanguage = (acceptLanguage: string | undefined): Language => {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean);
      return { language: range.split('-')[0] ?? '', quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  const hit = wanted.find(({ language }) => language === 'en' || language === 'de');
  return hit?.language === 'de' ? 'de' : 'en';
};

/** An instant as people of both languages read it: `2026-11-21 08:30 UTC`. */
export const shownTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What names are compared by: they are the same when they differ in case, outer blanks or Unicode form only. */
export const nameKey = (name: string): string => name.trim().normalize('NFKC').toUpperCase().toLowerCase();
