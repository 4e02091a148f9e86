import { Type } from 'typebox';
import { Bilingual, Id } from '../schemas.ts';

// What the settings' routes take and answer.

export const SectionShape = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['value', 'collection']),
  title: Bilingual,
  description: Bilingual,
  location: Type.Array(Bilingual),
  schema: Type.Unknown({
    description: 'JSON Schema with hints for a form under `ui`; secret fields say `secret: true`',
  }),
  defaults: Type.Unknown(),
  testable: Type.Boolean(),
  secretsBoundTo: Type.Array(Type.String()),
});
export const ProblemsShape = Type.Array(Type.Object({ path: Type.String(), code: Type.String(), message: Bilingual }));
export const ItemShape = Type.Object({
  id: Type.String(),
  version: Type.Integer({ description: '0: nothing is stored yet, the defaults are in force' }),
  value: Type.Unknown({ description: 'Secrets show as { "stored": true }' }),
  problems: ProblemsShape,
});
export const Version = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
export const ChangeBody = Type.Object({ value: Type.Unknown(), ifVersion: Version }, { additionalProperties: false });
export const NewBody = Type.Object({ value: Type.Unknown() }, { additionalProperties: false });
export const DraftBody = Type.Object({ id: Type.Optional(Id), value: Type.Unknown() }, { additionalProperties: false });
export const sectionParams = Type.Object({ section: Id });
export const itemParams = Type.Object({ section: Id, id: Id });
export const StepShape = Type.Object({
  id: Type.String(),
  title: Bilingual,
  outcome: Type.Enum(['passed', 'failed', 'warning', 'skipped']),
  unlocks: Type.Optional(Bilingual),
  code: Type.Optional(Type.String()),
  message: Type.Optional(Bilingual),
  remedy: Type.Optional(Bilingual),
  milliseconds: Type.Optional(Type.Number()),
  evidence: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export const ReportShape = Type.Object({ ok: Type.Boolean(), steps: Type.Array(StepShape) });
