import { startService } from './service.ts';
import { readSettings } from './settings.ts';

const service = await startService(readSettings(process.env));
console.log(`listening at ${service.url}`);
process.once('SIGTERM', () => void service.close());
process.once('SIGINT', () => void service.close());
