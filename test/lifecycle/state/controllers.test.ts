/** Which marks tell that a GitOps controller looks after an object. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { controllerOf } from '../../../generator/lifecycle/state/controllers.ts';
import type { JsonObject } from '../../../generator/model/json.ts';

const of = (metadata: JsonObject) =>
  controllerOf({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'glyphoxa-gateway', namespace: 'voice', ...metadata },
  });

const tracked = (id: string) => of({ annotations: { 'argocd.argoproj.io/tracking-id': id } });
const managed = (manager: string, more: JsonObject = {}) =>
  of({ managedFields: [{ manager, operation: 'Apply', apiVersion: 'apps/v1', fieldsV1: {}, ...more }] });

it('is known by what the controller itself writes, and by nothing that people write for it', () => {
  assert.equal(tracked('bot:apps/Deployment:voice/glyphoxa-gateway'), 'Argo CD');
  assert.equal(tracked('ns_bot:apps/Deployment:voice/glyphoxa-gateway'), 'Argo CD');
  assert.equal(tracked('bot:apps/Deployment:other/glyphoxa-gateway'), undefined, "another object's");
  assert.equal(of({ labels: { 'argocd.argoproj.io/instance': 'bot' } }), 'Argo CD');
  assert.equal(managed('argocd-controller'), 'Argo CD');
  assert.equal(managed('argocd-controller', { subresource: 'status' }), undefined);
  assert.equal(of({ labels: { 'kustomize.toolkit.fluxcd.io/name': 'bot' } }), 'Flux');
  assert.equal(of({ labels: { 'helm.toolkit.fluxcd.io/name': 'bot' } }), 'Flux');
  for (const mark of ['sync-wave', 'sync-options', 'compare-options', 'hook', 'managed-by-url'])
    assert.equal(of({ annotations: { [`argocd.argoproj.io/${mark}`]: '1' } }), undefined, mark);
  assert.equal(of({ annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' } }), undefined);
  assert.equal(of({ labels: { 'app.kubernetes.io/instance': 'glyphoxa' } }), undefined, 'it is ours, too');
  assert.equal(managed('glyphoxa-kustomize'), undefined);
});
