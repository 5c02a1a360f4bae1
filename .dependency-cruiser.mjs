import { dependencyRules } from './test/checks/dependency-rules.ts';

export default dependencyRules(import.meta.dirname);
