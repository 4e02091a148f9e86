import type { Migration } from '@itsm-m365/plugin-api';

const indexes = [
  { table: 'lic_evidence', name: 'ix_lic_evidence_portal', columns: ['portal', 'observed_at'] },
  { table: 'lic_evidence', name: 'ix_lic_evidence_observed', columns: ['observed_at'] },
  { table: 'lic_evidence', name: 'ix_lic_evidence_content', columns: ['sha256'] },
  { table: 'lic_licence', name: 'ix_lic_licence_product', columns: ['product'] },
] as const;

/** Evidence grows with every run of every portal; it is asked for by portal, and goes by its age. */
export const migration: Migration = {
  id: '002-evidence-retention',
  up: async (schema) => {
    for (const { table, name, columns } of indexes) await schema.createIndex(table, columns, { name });
  },
  down: async (schema) => {
    for (const { table, name } of [...indexes].reverse()) await schema.dropIndex(table, name);
  },
};
