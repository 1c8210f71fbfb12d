import { dnsLabelPattern, dnsSubdomainPattern, labelValuePattern } from '../../model/kubernetes-values.ts';
import { scrapeIntervalPattern } from '../checks.ts';
import { flag, map, optional, section, text } from './build.ts';

/** The admin API behind an ingress controller. */
export const ingress = section(
  {
    enabled: flag({ title: 'Enabled', description: 'Make an Ingress for the admin API.', default: false }),
    className: optional(
      text({
        title: 'Class',
        description: "The IngressClass. Unset: the cluster's default.",
        check: 'dns-subdomain',
        pattern: dnsSubdomainPattern,
        maxLength: 253,
        examples: ['nginx'],
      }),
    ),
    host: optional(
      text({
        title: 'Host',
        description: 'The host name under which the admin API is reached.',
        check: 'dns-subdomain',
        pattern: dnsSubdomainPattern,
        maxLength: 253,
        examples: ['glyphoxa.example.com'],
      }),
    ),
    tlsSecret: optional(
      text({
        title: 'TLS Secret',
        description: 'The Secret of type kubernetes.io/tls with the certificate of the host.',
        check: 'dns-subdomain',
        pattern: dnsSubdomainPattern,
        maxLength: 253,
      }),
    ),
    annotations: map(
      text({ title: 'Annotation', description: 'The value of the annotation.', minLength: 0 }),
      {
        title: 'Annotations',
        description: 'Annotations of the Ingress, which controllers and certificate managers read.',
        default: {},
        keys: 'annotation-key',
      },
    ),
    controllerNamespace: optional(
      text({
        title: 'Namespace of the controller',
        description:
          "Where the ingress controller's pods are: the network policies let this namespace reach the admin API. Controllers that are no pods of a namespace: `networkPolicy.ingressFrom`.",
        check: 'dns-label',
        pattern: dnsLabelPattern,
        maxLength: 63,
        examples: ['ingress-nginx'],
      }),
    ),
  },
  { title: 'Ingress', description: 'The admin API under a host name.' },
);

/** Metrics, for the Prometheus operator. */
export const monitoring = section(
  {
    enabled: flag({
      title: 'Enabled',
      description: 'Make a ServiceMonitor for gateway and MCP gateway each, and a PodMonitor for workers.',
      default: false,
    }),
    interval: text({
      title: 'Interval',
      description: 'How often metrics are read.',
      default: '30s',
      check: 'scrape-interval',
      pattern: scrapeIntervalPattern,
    }),
    labels: map(
      text({
        title: 'Label',
        description: 'The value of the label.',
        check: 'label-value',
        pattern: labelValuePattern,
        maxLength: 63,
        minLength: 0,
      }),
      {
        title: 'Labels',
        description: 'Labels of the monitors, by which a Prometheus chooses those that it reads.',
        default: {},
        keys: 'label-key',
        examples: [{ release: 'prometheus' }],
      },
    ),
  },
  { title: 'Monitoring', description: 'Metrics for a Prometheus of the Prometheus operator.' },
);
