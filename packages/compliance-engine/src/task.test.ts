import { describe, expect, it } from 'vitest';
import { complianceEnginePlugin } from './plugin.ts';
import { entitlementSection } from './settings.ts';
import { recalculateCompletelyTask, recalculateTask } from './task.ts';

describe('the tasks of the compliance view', () => {
  it('M365-30: the second server task is the recalculation, under its documented names', () => {
    expect(recalculateTask.title).toEqual({
      en: 'Recalculation of the data for the compliance view',
      de: 'Neuberechnung der Daten für die Compliance Ansicht',
    });
  });

  it('COMP-02: the recalculation runs every five hours by default', () => {
    expect(recalculateTask.schedule).toEqual({ kind: 'interval', minutes: 300 });
  });

  it('COMP-07: the recalculation follows the import', () => {
    expect(recalculateTask.follows).toBe('m365-import.import-licences');
  });

  it('COMP-03: Recalculate completely is a task that is started by hand, under its documented name', () => {
    expect(recalculateCompletelyTask.schedule).toEqual({ kind: 'manual' });
    expect(recalculateCompletelyTask.title).toEqual({ en: 'Recalculate completely', de: 'Komplett neu berechnen' });
    expect(complianceEnginePlugin.permissions).toContain(recalculateCompletelyTask.permission);
  });

  it('COMP-04: Recalculate completely imports first and recalculates then', () => {
    expect(recalculateCompletelyTask.steps).toEqual(['m365-import.import-licences', recalculateTask.id]);
  });

  it('COMP-01: every field of the entitlement rule has a title and a description in both languages', () => {
    for (const field of Object.values(entitlementSection.schema.properties)) {
      expect(field).toMatchObject({
        ui: {
          title: { en: expect.stringMatching(/\S/), de: expect.stringMatching(/\S/) },
          description: { en: expect.stringMatching(/\S/), de: expect.stringMatching(/\S/) },
        },
      });
    }
  });
});
