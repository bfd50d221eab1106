/** The administrator's page: one part at a time, which the address names behind `#`. */
import { type ComponentType, useEffect, useState } from 'react';
import { address } from '../shared/root.ts';
import { SiteBar } from '../shared/site-bar.tsx';
import { t } from '../texts/texts.ts';
import { AuditView } from './audit-view.tsx';
import { HealthView } from './health-view.tsx';
import { PoliciesView } from './policies-view.tsx';
import { PoolsView } from './pools-view.tsx';
import { SandboxesView } from './sandboxes-view.tsx';
import { ta } from './texts.ts';

const PARTS = {
  sandboxes: SandboxesView,
  pools: PoolsView,
  policies: PoliciesView,
  audit: AuditView,
  health: HealthView,
} as const satisfies Record<string, ComponentType>;
type Part = keyof typeof PARTS;

const partOf = (hash: string): Part => {
  const name = hash.replace(/^#/, '');
  return Object.hasOwn(PARTS, name) ? (name as Part) : 'sandboxes';
};

export function AdminPage() {
  const [part, setPart] = useState(partOf(location.hash));
  useEffect(() => {
    const changed = () => setPart(partOf(location.hash));
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);
  useEffect(() => {
    document.title = `${ta[part]} · ${t.administration} · Carrel`;
  }, [part]);
  const View = PARTS[part];
  return (
    <div className="home wide">
      <SiteBar here="admin" />
      <main className="account">
        <h1>{t.administration}</h1>
        <nav className="parts" aria-label={ta.parts}>
          {(Object.keys(PARTS) as Part[]).map((each) => (
            <a key={each} href={`#${each}`} aria-current={each === part ? 'page' : undefined}>
              {ta[each]}
            </a>
          ))}
          <a href={address('people')}>{ta.people}</a>
        </nav>
        <View key={part} />
      </main>
    </div>
  );
}
