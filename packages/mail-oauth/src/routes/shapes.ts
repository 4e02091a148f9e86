import { Type } from 'typebox';

/** A text in both languages, as a response has it. */
export const Bilingual = Type.Object({ en: Type.String(), de: Type.String() });
