/** A pod's volumes. */

import type { Json } from '../../model/json.ts';
import {
  checkAnnotations,
  checkDnsLabel,
  checkDnsSubdomain,
  checkImage,
  checkLabels,
  checkQuantity,
  compareQuantities,
  type ValueProblem,
} from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import schema from '../pod-schema.json' with { type: 'json' };
import { checkRelative } from './mounts.ts';
import { list, type Place } from './place.ts';
import { checkFiles, checkKeys, checkMode, checkProjections } from './projections.ts';
import { checkSelector } from './selectors.ts';

/** Fields that a kind of volume needs: texts, or lists with at least one item. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  csi: ['driver'],
  flexVolume: ['driver'],
  gcePersistentDisk: ['pdName'],
  gitRepo: ['repository'],
  glusterfs: ['endpoints', 'path'],
  hostPath: ['path'],
  iscsi: ['targetPortal', 'iqn'],
  nfs: ['server', 'path'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['monitors', 'image'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  storageos: ['volumeName'],
  vsphereVolume: ['volumePath'],
};

/** What more must hold of some kinds of volume. */
const KINDS: Readonly<Record<string, (source: Place) => void>> = {
  awsElasticBlockStore: (source) => source.at('partition').between(0, 255),
  azureDisk: checkAzureDisk,
  cinder: (source) => needsNameIfGiven(source.at('secretRef')),
  configMap: (source) => {
    source.at('name').needs(checkDnsSubdomain);
    checkMode(source.at('defaultMode'));
    checkKeys(source.at('items'));
  },
  csi: checkCsi,
  downwardAPI: (source) => {
    checkMode(source.at('defaultMode'));
    checkFiles(source.at('items'));
  },
  emptyDir: (source) => {
    source.at('sizeLimit').adopt(notNegative(source.at('sizeLimit')));
  },
  ephemeral: checkEphemeral,
  fc: checkFibreChannel,
  flexVolume: checkFlexVolume,
  flocker: checkFlocker,
  gcePersistentDisk: (source) => source.at('partition').between(0, 255),
  gitRepo: (source) => checkRelative(source.at('directory')),
  hostPath: checkHostPath,
  image: (source) => {
    if (source.at('reference').required())
      source.at('reference').verify(checkImage(source.at('reference').text));
    source.at('pullPolicy').oneOf(['Always', 'IfNotPresent', 'Never']);
  },
  iscsi: checkIscsi,
  nfs: (source) => {
    const path = source.at('path');
    if (path.text !== '' && !path.text.startsWith('/')) path.refuse('this must be an absolute path');
  },
  persistentVolumeClaim: (source) => source.at('claimName').needs(checkDnsSubdomain),
  projected: checkProjections,
  quobyte: checkQuobyte,
  secret: (source) => {
    source.at('secretName').needs(checkDnsSubdomain);
    checkMode(source.at('defaultMode'));
    checkKeys(source.at('items'));
  },
  storageos: (source) => {
    source.at('volumeName').whenGiven(checkDnsLabel);
    source.at('volumeNamespace').whenGiven(checkDnsLabel);
    needsNameIfGiven(source.at('secretRef'));
  },
};

/** The kinds of volume: every field of a volume but its name. */
const SOURCES: ReadonlySet<string> = new Set(
  Object.keys(schema.types.Volume).filter((field) => field !== 'name'),
);

/** Checks a pod's `volumes`. One without a source is an emptyDir to Kubernetes. */
export function checkVolumes(volumes: Place): void {
  for (const volume of volumes.items) {
    volume.at('name').needs(checkDnsLabel);
    const sources = volume.fields.filter((field) => SOURCES.has(field.name));
    if (sources.length > 1)
      volume.refuse(`only one of ${list(sources.map((each) => each.name))} may be given`);
    for (const source of sources) {
      for (const key of (Object.hasOwn(NEEDED, source.name) && NEEDED[source.name]) || []) {
        const field = source.at(key);
        if (field.items.length === 0 && field.text === '') field.refuse('this value is required');
      }
      if (Object.hasOwn(KINDS, source.name)) KINDS[source.name]?.(source);
    }
    const portal = volume.at('iscsi').at('targetPortal').text;
    if (volume.at('iscsi').at('initiatorName').given && `${volume.at('name').text}:${portal}`.length > 64) {
      volume.at('name').refuse('this name and the targetPortal have more than 63 characters together');
    }
  }
}

function notNegative(quantity: Place): ValueProblem[] {
  const value = quantity.number ?? quantity.text;
  if (value === '' || checkQuantity(value) !== undefined || compareQuantities(value, 0) >= 0) return [];
  return [{ path: [], message: `${value} is negative` }];
}

function needsNameIfGiven(ref: Place): void {
  if (ref.given) ref.at('name').needs(checkDnsSubdomain);
}

function checkHostPath(source: Place): void {
  const path = source.at('path');
  if (path.text.split('/').includes('..')) path.refuse('".." is not allowed in a path');
  source
    .at('type')
    .oneOf(['DirectoryOrCreate', 'Directory', 'FileOrCreate', 'File', 'Socket', 'CharDevice', 'BlockDevice']);
}

function checkCsi(source: Place): void {
  const driver = source.at('driver');
  driver.whenGiven((text) =>
    text.length > 63
      ? `${quote(text)} is ${text.length} characters long; the limit is 63`
      : checkDnsSubdomain(text.toLowerCase()),
  );
  needsNameIfGiven(source.at('nodePublishSecretRef'));
}

function checkAzureDisk(source: Place): void {
  source.at('cachingMode').oneOf(['None', 'ReadOnly', 'ReadWrite'], 'refused');
  const kind = source.at('kind');
  kind.oneOf(['Shared', 'Dedicated', 'Managed'], 'refused');
  const uri = source.at('diskURI');
  if (!kind.given || uri.text === '') return;
  const prefix = kind.text === 'Managed' ? '/subscriptions/' : 'https://';
  if (!uri.text.startsWith(prefix)) uri.refuse(`this must begin with ${prefix}`);
}

function checkFibreChannel(source: Place): void {
  const wwns = source.at('targetWWNs').items.length;
  const wwids = source.at('wwids').items.length;
  if (wwns > 0 === wwids > 0) source.refuse('exactly one of targetWWNs and wwids is required');
  if (wwns > 0) {
    if (!source.at('lun').given) source.at('lun').refuse('this value is required');
    source.at('lun').between(0, 255);
  }
}

function checkFlexVolume(source: Place): void {
  for (const option of source.at('options').fields) {
    const domain = `.${option.name.split('/')[0]?.toLowerCase()}`;
    if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')) {
      option.refuse('the domains kubernetes.io and k8s.io are reserved', { at: 'key' });
    }
  }
}

function checkFlocker(source: Place): void {
  const name = source.at('datasetName');
  if ((name.text !== '') === (source.at('datasetUUID').text !== '')) {
    source.refuse('exactly one of datasetName and datasetUUID is required');
  }
  if (name.text.includes('/')) name.refuse('"/" is not allowed in this name');
}

function checkIscsi(source: Place): void {
  for (const key of ['iqn', 'initiatorName']) {
    const name = source.at(key);
    if (!name.given || (key === 'iqn' && name.text === '')) continue;
    const known =
      /^iqn\.\d{4}-\d{2}\.([a-z0-9-.]+)(:([^,;*&$|\s]+))$/.test(name.text) ||
      /^eui\.[0-9a-fA-F]{16}$/.test(name.text) ||
      /^naa\.[0-9a-fA-F]{32}$/.test(name.text);
    if (!known) name.refuse(`${quote(name.text)} is not a name of iSCSI; it begins with iqn., eui. or naa.`);
  }
  source.at('lun').between(0, 255);
  const authenticates = source.at('chapAuthDiscovery').isTrue || source.at('chapAuthSession').isTrue;
  if (authenticates && !source.at('secretRef').given) source.at('secretRef').refuse('this value is required');
}

function checkQuobyte(source: Place): void {
  const registry = source.at('registry');
  const pair = /^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/;
  if (registry.text !== '' && !registry.text.split(',').every((each) => pair.test(each))) {
    registry.refuse('this must be HOST:PORT, or several of them with commas between');
  }
  if (source.at('tenant').text.length > 64) source.at('tenant').refuse('the limit is 64 characters');
}

/** A claim that is made with the pod. */
function checkEphemeral(source: Place): void {
  const template = source.at('volumeClaimTemplate');
  if (!template.given) {
    template.refuse('this value is required');
    return;
  }
  for (const field of template.at('metadata').fields) {
    if (field.name === 'labels') field.adopt(checkLabels(field.object));
    else if (field.name === 'annotations') field.adopt(checkAnnotations(field.object));
    else field.refuse('only labels and annotations may be given here', { at: 'key' });
  }
  checkClaim(template.at('spec'));
}

function checkClaim(claim: Place): void {
  const modes = claim.at('accessModes');
  if (modes.items.length === 0) modes.refuse('at least one access mode is required');
  for (const mode of modes.items) {
    mode.oneOf(['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'], 'refused');
  }
  const names = new Set(modes.items.map((mode) => mode.text));
  if (names.has('ReadWriteOncePod') && names.size > 1) modes.refuse('ReadWriteOncePod must stand alone');
  checkSelector(claim.at('selector'));
  const storage = claim.at('resources').at('requests').at('storage');
  const size: Json = storage.number ?? storage.text;
  if (!storage.given) storage.refuse('this value is required');
  else if (size !== '' && checkQuantity(size) === undefined && compareQuantities(size, 0) <= 0) {
    storage.refuse('this must be more than 0');
  }
  claim.at('storageClassName').whenGiven(checkDnsSubdomain);
  claim.at('volumeAttributesClassName').whenGiven(checkDnsSubdomain);
  claim.at('volumeMode').oneOf(['Block', 'Filesystem'], 'refused');
  checkDataSources(claim);
}

function checkDataSources(claim: Place): void {
  const [source, ref] = [claim.at('dataSource'), claim.at('dataSourceRef')];
  for (const each of [source, ref]) {
    if (!each.given) continue;
    each.at('name').required();
    each.at('kind').required();
    const group = each.at('apiGroup').text;
    if (group === '' && each.at('kind').text !== 'PersistentVolumeClaim') {
      each.at('kind').refuse('without an apiGroup only PersistentVolumeClaim is supported');
    }
    each.at('apiGroup').whenGiven(checkDnsSubdomain);
  }
  const namespace = ref.at('namespace');
  namespace.whenGiven(checkDnsLabel);
  if (!source.given || !ref.given) return;
  const same = ['name', 'kind', 'apiGroup'].every((key) => source.at(key).text === ref.at(key).text);
  if (namespace.text !== '' || !same) source.refuse('this says something else than dataSourceRef');
}
