using k8s;
using k8s.Models;

namespace PrivacyProxy.DeploymentTests.Kubernetes;

/// <summary>What an overlay makes, read strictly into the API's own types: a field that they do not have fails.</summary>
internal sealed class Rendered
{
    private static readonly Dictionary<string, Type> _types = new(StringComparer.Ordinal) { ["cert-manager.io/v1/Certificate"] = typeof(CertManagerCertificate) };

    public Rendered(string yaml)
    {
        Objects = [.. KubernetesYaml.LoadAllFromString(yaml, _types, strict: true).Cast<IKubernetesObject<V1ObjectMeta>>()];
        Workloads = [.. All<V1Deployment>().Select(static one => new Workload(one.Kind, one.Metadata, one.Spec.Template, one.Spec.Selector, one.Spec.Replicas))
            .Concat(All<V1StatefulSet>().Select(static one => new Workload(one.Kind, one.Metadata, one.Spec.Template, one.Spec.Selector, one.Spec.Replicas)))];
    }

    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects { get; }

    public IReadOnlyList<Workload> Workloads { get; }

    public IEnumerable<T> All<T>() where T : IKubernetesObject<V1ObjectMeta> => Objects.OfType<T>();

    /// <summary>An object of that name in that namespace.</summary>
    public T? Find<T>(string? space, string name) where T : class, IKubernetesObject<V1ObjectMeta> =>
        All<T>().SingleOrDefault(one => one.Metadata.NamespaceProperty == space && one.Metadata.Name == name);

    /// <summary>The workloads of a namespace whose pods a selector takes.</summary>
    public List<Workload> Selected(string? space, IDictionary<string, string>? labels) =>
        [.. Workloads.Where(one => one.Namespace == space && (labels ?? new Dictionary<string, string>()).All(label => one.Template.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value))];
}

/// <summary>What makes pods.</summary>
internal sealed record Workload(string Kind, V1ObjectMeta Metadata, V1PodTemplateSpec Template, V1LabelSelector Selector, int? Replicas)
{
    public string? Namespace => Metadata.NamespaceProperty;

    public string Name => Metadata.Name;

    /// <summary>Those that begin before the others, and stay, included.</summary>
    public IEnumerable<V1Container> Containers => Template.Spec.Containers.Concat(Template.Spec.InitContainers ?? []);

    public IEnumerable<V1ContainerPort> Ports => Containers.SelectMany(static one => one.Ports ?? []);

    public override string ToString() => $"{Namespace}/{Kind}/{Name}";
}

/// <summary>The fields of cert-manager's Certificate that are used here.</summary>
internal sealed class CertManagerCertificate : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public CertificateSpec Spec { get; set; } = new();

    internal sealed class CertificateSpec
    {
        public string SecretName { get; set; } = "";

        public List<string> DnsNames { get; set; } = [];

        public Dictionary<string, string> IssuerRef { get; set; } = [];

        public CertificateKey PrivateKey { get; set; } = new();

        public List<string> Usages { get; set; } = [];
    }

    internal sealed class CertificateKey
    {
        public string Algorithm { get; set; } = "";

        public int Size { get; set; }

        public string RotationPolicy { get; set; } = "";
    }
}
