import {
  apiVersion,
  definePlugin,
  type Permission,
  type RunReport,
  type ServerPlugin,
  type ServerTask,
  type TaskContext,
  type WorkTask,
} from '@itsm-m365/plugin-api';

const both = (en: string) => ({ en, de: `${en} (de)` });

export const runPermission: Permission = {
  id: 'sample.run',
  title: both('Run'),
  description: both('Run the sample tasks'),
};

/** A task of the plugin `sample`, with the little that a test wants to say about it. */
export const sampleTask = (
  name: string,
  run: (context: TaskContext) => Promise<Partial<RunReport> | undefined>,
  more: Partial<Omit<WorkTask, 'run' | 'id'>> = {},
): WorkTask => ({
  kind: 'work',
  id: `sample.${name}`,
  title: both(name),
  description: both(`The task ${name}`),
  schedule: { kind: 'manual' },
  timeoutMinutes: 60,
  permission: runPermission,
  ...more,
  run: async (context) => ({ counts: {}, notices: [], ...(await run(context)) }),
});

export const samplePlugin = (tasks: readonly ServerTask[], more: Partial<ServerPlugin> = {}): ServerPlugin =>
  definePlugin({
    id: 'sample',
    apiVersion,
    title: both('Sample'),
    permissions: [runPermission],
    ...more,
    tasks,
  });
