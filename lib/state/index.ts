export { coalesceDeltas, type CoalesceDeltas, type CoalesceOptions } from './coalesce-deltas.js';
export {
  createThreadFold,
  type FoldOptions,
  type GapTime,
  type ThreadFold,
} from './create-thread-fold.js';
export { foldThread, type FoldThreadOptions } from './fold-thread.js';
export { forThreadTree, type ThreadTreeOptions } from './for-thread-tree.js';
export type { ThreadState } from './live-thread.js';
export type { Every } from './sampled.js';
export { textSince } from './item-view.js';
export { runningText } from './running-text.js';
export { completedCommands, itemsOf } from './items-of.js';
export type { NumberedEvent, SnapshotTurn, ThreadSnapshot } from './snapshot.js';
export { threadList } from './thread-list.js';
export type { ThreadRequest } from './thread-requests.js';
export type { LiveState, StateOptions } from './live-state.js';
export { threadState } from './thread-state.js';
export type { ThreadNeed, ThreadSummary } from './thread-summary.js';
export { threadTree, type ThreadTree } from './thread-tree.js';
export type {
  Anomalies,
  Anomaly,
  ChildLink,
  GapRecord,
  ItemBase,
  ItemKind,
  ItemOf,
  ItemView,
  ProtocolItem,
  ThreadView,
  TurnPlan,
  TurnView,
} from './thread-view.js';
export { startTurn } from './turn-start.js';
export { watchTurn } from './turn-watch.js';
export {
  TurnError,
  type ManagerTurnParams,
  type StartTurnOptions,
  type SteerResult,
  type Turn,
  type TurnActivity,
  type TurnEvidence,
  type TurnFault,
  type TurnInput,
  type TurnOutcome,
  type TurnParams,
  type TurnProgress,
  type WatchedTurn,
  type WatchTurnOptions,
} from './turn.js';
