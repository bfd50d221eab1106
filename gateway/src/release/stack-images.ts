/** The images that `compose.yaml` starts, by the same variables and with the same defaults; a test holds both together. */
type Environment = Readonly<Record<string, string | undefined>>;

/** `version` is this program's. */
export function stackImages(environment: Environment, version: string): string[] {
  const given = (name: string, fallback: string) => environment[name] || fallback;
  const ours = ['gateway', 'warden', 'kernel'].map(
    (part) => `${given('STACK_IMAGES', '')}carrel-${part}:${given('STACK_VERSION', version)}`,
  );
  return [
    ...ours,
    given('STACK_IMAGE_CADDY', 'caddy:2'),
    given('STACK_IMAGE_POSTGRES', 'postgres:17-trixie'),
    given('STACK_IMAGE_REDIS', 'redis:8'),
  ];
}
