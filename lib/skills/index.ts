export {
  standardSchema,
  type InputIssue,
  type InputOf,
  type InputSchema,
  type JsonSchema,
  type Validated,
} from './input-schema.js';
export { remoteSkills } from './create-remote-skills.js';
export type { RemoteSkills, RemoteSkillsOptions } from './remote-skills.js';
export type { SkillDispatch } from './run-skill.js';
export type { ManagerSessionParams, SessionParams } from './session-port.js';
export {
  defineSkill,
  type Skill,
  type SkillCall,
  type SkillContext,
  type SkillDefinition,
} from './skill.js';
