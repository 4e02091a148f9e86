export type { GraphPlace } from './call.ts';
export { openGraphMailbox } from './open-graph-mailbox.ts';
export { findSentByGraph, openGraphSubmission } from './open-graph-submission.ts';
