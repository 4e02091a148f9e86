import { isKnownError } from '@itsm-m365/plugin-api';
import { subjectOf } from './connect.ts';
import { readGroupNames } from './group-names.ts';
import { importNotices } from './notices.ts';
import { firstTime } from './notices-sent.ts';
import { phases } from './phases.ts';
import type { PortalImport } from './start.ts';

/**
 * Reads names of groups after the publication. Names are a comfort: whatever fails here leaves the GUID on the screen and
 * the import as it is. That they may not be read is said once per portal.
 */
export const nameGroups = async (run: PortalImport, groups: ReadonlySet<string>): Promise<void> => {
  const { context, portal, graph, defects } = run;
  const { db, clock, signal, progress, logger } = context;
  if (groups.size === 0 || signal.aborted) return;
  progress.report({ phase: phases.groups, done: 0, total: groups.size });
  try {
    const tenant = portal.value.tenantId;
    const result = await readGroupNames({ graph, db, tenant, now: clock.now(), signal, defects }, groups);
    if (result === 'refused' && (await firstTime(db, portal.id, 'group-names-refused', clock.now()))) {
      context.notice(importNotices.GROUP_NAMES_NOT_READABLE({ portal: portal.value.name }, subjectOf(portal)));
    }
  } catch (error) {
    logger.warn({ code: isKnownError(error) ? error.code : 'other' }, 'Could not read the names of groups');
  }
};
