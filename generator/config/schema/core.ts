import {
  dnsSubdomainPattern,
  imageDigestPattern,
  imageRepositoryPattern,
  imageTagPattern,
} from '../../model/kubernetes-values.ts';
import { choice, flag, group, httpPattern, integer, list, object, optional, section, text } from './build.ts';

const userId = (title: string, description: string) =>
  integer({ title, description, default: 999, minimum: 1 });

const proxyAddress = (title: string, description: string) =>
  optional(
    text({
      title,
      description: `${description} Without credentials: an address with a password comes from a Secret, by a pod patch.`,
      check: 'http-url',
      pattern: httpPattern,
      examples: ['http://proxy.example.com:3128'],
    }),
  );

/** What holds for the deployment as a whole. */
export const core = section(
  {
    environment: choice(['production', 'development'], {
      title: 'Environment',
      description: 'A development deployment may lack an admin key.',
      default: 'production',
    }),
    topology: choice(['shared', 'dedicated'], {
      title: 'Topology',
      description:
        'Many tenants on one deployment (`shared`), or one tenant of its own (`dedicated`). Decides the defaults of replicas and anti-affinity.',
      default: 'shared',
    }),
    tierScheduling: flag({
      title: 'Tier scheduling',
      description:
        'Run gateway and workers only on nodes labelled and tainted `glyphoxa.io/tier=<topology>`.',
      default: false,
    }),
    createNamespace: flag({
      title: 'Create the namespace',
      description: 'Add a Namespace object that enforces the restricted Pod Security level.',
      default: false,
    }),
    image: group(
      {
        repository: text({
          title: 'Repository',
          description: 'The image without tag and digest.',
          default: 'ghcr.io/mrwong99/glyphoxa',
          check: 'image-repository',
          pattern: imageRepositoryPattern,
          maxLength: 255,
        }),
        tag: text({
          title: 'Tag',
          description:
            'The image tag. It must be of the first generation of the program, which has no release: a build of your own or of the former `main`. The default names no image.',
          default: 'no-image-chosen',
          check: 'image-tag',
          pattern: imageTagPattern,
        }),
        digest: optional(
          text({
            title: 'Digest',
            description:
              'The image digest (`sha256:…`). It decides what is pulled; the tag beside it is for people.',
            check: 'image-digest',
            pattern: imageDigestPattern,
          }),
        ),
        pullPolicy: choice(['IfNotPresent', 'Always', 'Never'], {
          title: 'Pull policy',
          description: 'When nodes pull the image.',
          default: 'IfNotPresent',
        }),
      },
      {
        title: 'Image',
        description:
          'The one image that all workloads run: the first generation of Glyphoxa (`--mode=gateway|worker|mcp-gateway`).',
      },
    ),
    context: optional(
      text({
        title: 'Context',
        description:
          'The context of the kubeconfig that this may be applied to; the commands that work on a cluster refuse another. In a pod without a kubeconfig the context is called in-cluster.',
        minLength: 1,
        maxLength: 253,
        examples: ['production-eu'],
      }),
    ),
    proxy: group(
      {
        http: proxyAddress('HTTP proxy', 'The proxy for http:// addresses (`HTTP_PROXY`).'),
        https: proxyAddress('HTTPS proxy', 'The proxy for https:// addresses (`HTTPS_PROXY`).'),
        noProxy: list(
          text({
            title: 'Exception',
            description: 'A host, a domain with a leading dot, an address or a range of addresses.',
            pattern: '^[^\\s,$]+$',
          }),
          {
            title: 'No proxy',
            description:
              "What is reached without the proxy besides the cluster's own names and private addresses, which `NO_PROXY` has by itself.",
            default: [],
            examples: [['.example.internal', '198.51.100.0/24']],
          },
        ),
      },
      {
        title: 'Proxy',
        description:
          'The proxy by which all workloads, workers included, reach the internet. The network policies open its port. Discord voice is UDP and needs a way of its own.',
      },
    ),
    imagePullSecrets: list(
      object(
        {
          name: text({
            title: 'Name',
            description: 'The name of a Secret of type kubernetes.io/dockerconfigjson.',
            check: 'dns-subdomain',
            pattern: dnsSubdomainPattern,
            maxLength: 253,
          }),
        },
        { title: 'Pull secret', description: 'A Secret in the same namespace.' },
      ),
      {
        title: 'Image pull secrets',
        description: 'Secrets with the credentials of a private registry.',
        default: [],
      },
    ),
    runAsUser: userId('User id', 'The user that all containers run as; never root.'),
    runAsGroup: userId('Group id', 'The primary group of all containers.'),
    fsGroup: userId('Volume group id', 'The group that owns mounted volumes.'),
  },
  { title: 'Core', description: 'What holds for the deployment as a whole.' },
);
