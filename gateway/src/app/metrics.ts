/** Switches metrics on where the settings ask for them. What they need is loaded only then: an idle process stays small. */
import { CarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { Settings } from '../config/settings.ts';
import type { WardenClient } from '../sandbox/warden-client.ts';
import type { GatewayMetrics } from '../telemetry/gateway-metrics.ts';
import type { WardenMetrics } from '../telemetry/warden-metrics.ts';

const WARDEN_WITHIN = 5000;
const NO_TOKEN =
  'expected CARREL_METRICS_TOKEN (or a file that CARREL_METRICS_TOKEN_FILE names) with CARREL_METRICS=token, got none';

export async function gatewayMetrics(settings: Settings, version: string): Promise<GatewayMetrics | undefined> {
  if (settings.metrics === 'off') return undefined;
  const { GatewayMetrics } = await import('../telemetry/gateway-metrics.ts');
  return new GatewayMetrics(version);
}

export async function wardenMetrics(settings: Settings, version: string): Promise<WardenMetrics | undefined> {
  if (settings.metrics === 'off') return undefined;
  const { WardenMetrics } = await import('../telemetry/warden-metrics.ts');
  return new WardenMetrics(version);
}

export interface Served {
  readonly metrics: GatewayMetrics;
  readonly warden: Pick<WardenClient, 'metrics'>;
  readonly logger: Logger;
}

/**
 * From the beginning on: a gateway that stands by, or waits for its database, is there too. What there is is told once it is watched.
 * Throws `invalid_settings` where the port cannot be had.
 */
export async function startMetrics(settings: Settings, served: Served): Promise<AsyncDisposable> {
  const { metrics, warden, logger } = served;
  if (settings.metrics === 'token' && settings.metricsToken === undefined)
    throw new CarrelError('invalid_settings', NO_TOKEN);
  const { serveMetrics } = await import('../telemetry/metrics-server.ts');
  const server = await serveMetrics({
    bind: settings.metrics === 'token' ? settings.bind : '127.0.0.1',
    port: settings.metricsPort,
    token: settings.metrics === 'token' ? settings.metricsToken : undefined,
    texts: {
      '/metrics': () => metrics.text(),
      '/metrics/warden': () => warden.metrics(Scope.withDeadline('asking the warden for its metrics', WARDEN_WITHIN)),
    },
    logger,
  });
  logger.info({ port: server.port, for: settings.metrics }, 'the metrics are served');
  return { [Symbol.asyncDispose]: () => server.stop() };
}
