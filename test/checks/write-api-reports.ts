/** `npm run docs:api`: writes the API reports anew from what is built. */
import { checkApiReports } from './api-reports.ts';

const problems = await checkApiReports(true);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
