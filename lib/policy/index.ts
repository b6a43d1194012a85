export {
  allow,
  approvals,
  deny,
  policy,
  type Criteria,
  type Pattern,
  type Rule,
} from './policy.js';
