export {
  createThreadFold,
  type FoldOptions,
  type GapTime,
  type ThreadFold,
} from './create-thread-fold.js';
export { textSince } from './item-view.js';
export type { SnapshotTurn, ThreadSnapshot } from './snapshot.js';
export type {
  Anomalies,
  Anomaly,
  ChildLink,
  GapRecord,
  ItemKind,
  ItemOf,
  ItemView,
  ProtocolItem,
  ThreadView,
  TurnPlan,
  TurnView,
} from './thread-view.js';
