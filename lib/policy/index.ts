export {
  allow,
  approvals,
  deny,
  policy,
  type Criteria,
  type PolicyHandler,
  type Rule,
} from './policy.js';
export type { Pattern } from './pattern.js';
