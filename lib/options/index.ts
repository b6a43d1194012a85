export { mustBe } from './must-be.js';
