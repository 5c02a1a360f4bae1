import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { nylasTelemetry } from '@nylas-otel/node'; // + nylas-otel
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.use(nylasTelemetry({ metrics: '/metrics', callers: true })); // + nylas-otel
process.once('SIGTERM', () => void app.close());
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
console.log(`listening on ${await app.getUrl()}`);
