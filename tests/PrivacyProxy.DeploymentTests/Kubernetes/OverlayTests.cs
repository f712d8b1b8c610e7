using System.Globalization;
using System.Net;
using k8s.Models;

namespace PrivacyProxy.DeploymentTests.Kubernetes;

/// <summary>What stands in an overlay fits together: nothing refers to what is not there, or to something else than it means.</summary>
public sealed class OverlayTests
{
    /// <summary>Secrets that deploy/k8s/README.md tells the operator to make.</summary>
    private static readonly string[] _byHand = ["issuer-credentials", "attester-credentials"];

    public static TheoryData<string> Overlays => [.. Kubectl.Overlays];

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Everything_that_is_referred_to_is_there(string overlay)
    {
        var rendered = await Kubectl.OverlayAsync(overlay);
        var missing = new List<string>();
        foreach (var one in rendered.Workloads)
        {
            var spec = one.Template.Spec;
            if (spec.ServiceAccountName is { } account) Need(rendered.Find<V1ServiceAccount>(one.Namespace, account), $"{one}: service account {account}");
            foreach (var volume in spec.Volumes ?? [])
            {
                if (volume.ConfigMap is { } map) Need(rendered.Find<V1ConfigMap>(one.Namespace, map.Name), $"{one}: config map {map.Name}");
                if (volume.PersistentVolumeClaim is { } claim) Need(rendered.Find<V1PersistentVolumeClaim>(one.Namespace, claim.ClaimName), $"{one}: claim {claim.ClaimName}");
                if (volume.Secret is { Optional: not true } secret && !_byHand.Contains(secret.SecretName, StringComparer.Ordinal))
                    Need(rendered.All<CertManagerCertificate>().FirstOrDefault(certificate => certificate.Metadata.NamespaceProperty == one.Namespace && certificate.Spec.SecretName == secret.SecretName), $"{one}: secret {secret.SecretName}");
                if (!one.Containers.Any(container => container.VolumeMounts?.Any(mount => mount.Name == volume.Name) == true)) missing.Add($"{one}: nobody mounts {volume.Name}");
            }

            foreach (var mount in one.Containers.SelectMany(static container => container.VolumeMounts ?? []))
                Need(spec.Volumes?.FirstOrDefault(volume => volume.Name == mount.Name), $"{one}: volume {mount.Name}");
        }

        foreach (var set in rendered.All<V1StatefulSet>())
            Need(rendered.Find<V1Service>(set.Metadata.NamespaceProperty, set.Spec.ServiceName) is { Spec.ClusterIP: "None" } service ? service : null, $"headless service {set.Spec.ServiceName}");
        foreach (var scaler in rendered.All<V2HorizontalPodAutoscaler>())
            Need(rendered.Workloads.FirstOrDefault(one => one.Namespace == scaler.Metadata.NamespaceProperty && one.Kind == scaler.Spec.ScaleTargetRef.Kind && one.Name == scaler.Spec.ScaleTargetRef.Name), $"the target of autoscaler {scaler.Metadata.Name}");
        foreach (var binding in rendered.All<V1RoleBinding>())
        {
            Need(rendered.Find<V1Role>(binding.Metadata.NamespaceProperty, binding.RoleRef.Name), $"role {binding.RoleRef.Name}");
            foreach (var subject in binding.Subjects) Need(rendered.Find<V1ServiceAccount>(binding.Metadata.NamespaceProperty, subject.Name), $"subject {subject.Name}");
        }

        foreach (var one in rendered.Objects.Where(static one => one is not V1Namespace))
            Need(rendered.All<V1Namespace>().FirstOrDefault(space => space.Metadata.Name == one.Metadata.NamespaceProperty), $"the namespace of {one.Kind} {one.Metadata.Name}");
        Assert.Empty(missing);
        Assert.Equal(rendered.Objects.Count, rendered.Objects.Select(static one => (one.Kind, one.Metadata.NamespaceProperty, one.Metadata.Name)).Distinct().Count());

        void Need(object? found, string what)
        {
            if (found is null) missing.Add(what);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_selector_takes_the_pods_it_means(string overlay)
    {
        var rendered = await Kubectl.OverlayAsync(overlay);
        foreach (var one in rendered.Workloads)
        {
            Assert.Equal([one], rendered.Selected(one.Namespace, one.Selector.MatchLabels));
            var own = (one.Template.Spec.TopologySpreadConstraints ?? []).Select(static constraint => constraint.LabelSelector)
                .Concat((one.Template.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Select(static term => term.LabelSelector))
                .Concat((one.Template.Spec.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(static term => term.PodAffinityTerm.LabelSelector));
            foreach (var selector in own) Assert.Equal([one], rendered.Selected(one.Namespace, selector.MatchLabels));
        }

        foreach (var service in rendered.All<V1Service>()) Assert.Equal([service.Metadata.Name], rendered.Selected(service.Metadata.NamespaceProperty, service.Spec.Selector).Select(static one => one.Name));
        foreach (var budget in rendered.All<V1PodDisruptionBudget>()) Assert.Equal([budget.Metadata.Name], rendered.Selected(budget.Metadata.NamespaceProperty, budget.Spec.Selector.MatchLabels).Select(static one => one.Name));
        foreach (var one in rendered.Workloads.Where(static one => one.Name is "proxy" or "memcached")) Assert.NotNull(rendered.Find<V1PodDisruptionBudget>(one.Namespace, one.Name));
        foreach (var policy in rendered.All<V1NetworkPolicy>())
        {
            var space = policy.Metadata.NamespaceProperty;
            Assert.NotEmpty(rendered.Selected(space, policy.Spec.PodSelector.MatchLabels));
            foreach (var peer in (policy.Spec.Ingress ?? []).SelectMany(static rule => rule.FromProperty ?? []).Concat((policy.Spec.Egress ?? []).SelectMany(static rule => rule.To ?? [])))
                if (peer is { PodSelector: { } selector, NamespaceSelector: null }) Assert.NotEmpty(rendered.Selected(space, selector.MatchLabels));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_port_is_one_that_a_container_has_by_that_name_and_protocol(string overlay)
    {
        var rendered = await Kubectl.OverlayAsync(overlay);
        var wrong = new List<string>();
        foreach (var service in rendered.All<V1Service>())
            foreach (var port in service.Spec.Ports)
                Check(rendered.Selected(service.Metadata.NamespaceProperty, service.Spec.Selector), port.TargetPort, port.Protocol, $"service {service.Metadata.Name}");
        foreach (var one in rendered.Workloads)
            foreach (var container in one.Containers)
                foreach (var probe in new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe })
                    if ((probe?.HttpGet?.Port ?? probe?.TcpSocket?.Port) is { } port && !Has(container.Ports, port, "TCP") && container.Name != "mcrouter") wrong.Add($"{one}: a probe of {container.Name} at {port.Value}");
        foreach (var policy in rendered.All<V1NetworkPolicy>())
        {
            var space = policy.Metadata.NamespaceProperty;
            foreach (var port in (policy.Spec.Ingress ?? []).SelectMany(static rule => rule.Ports ?? []))
                Check(rendered.Selected(space, policy.Spec.PodSelector.MatchLabels), port.Port, port.Protocol, $"ingress of {policy.Metadata.Name}");
            foreach (var rule in policy.Spec.Egress ?? [])
                foreach (var peer in (rule.To ?? []).Where(static peer => peer is { PodSelector: not null, NamespaceSelector: null }))
                    foreach (var port in rule.Ports) Check(rendered.Selected(space, peer.PodSelector.MatchLabels), port.Port, port.Protocol, $"egress of {policy.Metadata.Name}");
        }

        Assert.Empty(wrong);

        void Check(List<Workload> pods, IntOrString port, string protocol, string where)
        {
            foreach (var pod in pods.Where(pod => !Has(pod.Ports, port, protocol))) wrong.Add($"{where}: {pod} has no {port.Value}/{protocol}");
        }

        static bool Has(IEnumerable<V1ContainerPort>? ports, IntOrString port, string protocol) =>
            (ports ?? []).Any(one => (one.Name == port.Value || one.ContainerPort.ToString(CultureInfo.InvariantCulture) == port.Value) && one.Protocol == protocol);
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_container_has_resources_and_no_privileges(string overlay)
    {
        var rendered = await Kubectl.OverlayAsync(overlay);
        foreach (var one in rendered.Workloads)
        {
            var pod = one.Template.Spec;
            Assert.True(pod.SecurityContext is { RunAsNonRoot: true, RunAsUser: > 0, SeccompProfile.Type: "RuntimeDefault" }, $"{one}");
            Assert.True(pod.AutomountServiceAccountToken == false || one.Name == "prometheus", $"{one} gets a token for the API");
            Assert.False(pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true || (pod.Volumes ?? []).Any(static volume => volume.HostPath is not null), $"{one}");
            foreach (var container in one.Containers)
            {
                var where = $"{one}: {container.Name}";
                Assert.True(container.Resources.Requests.ContainsKey("cpu") && container.Resources.Requests.ContainsKey("memory") && container.Resources.Limits.ContainsKey("memory"), where);
                Assert.True(container.Resources.Limits["memory"].ToDecimal() >= container.Resources.Requests["memory"].ToDecimal(), where);
                Assert.True(container.SecurityContext is { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Privileged: not true } context && context.Capabilities.Drop.SequenceEqual(["ALL"]) && context.Capabilities.Add is null, where);
                Assert.True(container.ReadinessProbe is not null || container.StartupProbe is not null, where);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task No_policy_lets_anybody_reach_the_metadata_service_and_every_pod_is_closed_by_default(string overlay)
    {
        var rendered = await Kubectl.OverlayAsync(overlay);
        foreach (var space in rendered.All<V1Namespace>())
            Assert.Contains(rendered.All<V1NetworkPolicy>(), policy => policy.Metadata.NamespaceProperty == space.Metadata.Name
                && (policy.Spec.PodSelector.MatchLabels ?? new Dictionary<string, string>()).Count == 0 && policy.Spec.Ingress is null && policy.Spec.Egress is null && policy.Spec.PolicyTypes.SequenceEqual(["Ingress", "Egress"]));
        string[] metadata = ["169.254.169.254", "fd00:ec2::254", "169.254.170.2"];
        string[] others = ["10.96.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "fc00::1", "fe80::1", "::1"];
        foreach (var policy in rendered.All<V1NetworkPolicy>())
        {
            // Prometheus asks the API server, whose address is the cluster's.
            string[] closed = policy.Metadata.Name == "prometheus" ? metadata : [.. metadata, .. others];
            foreach (var rule in policy.Spec.Egress ?? [])
            {
                Assert.True(rule.To is { Count: > 0 } && rule.Ports is { Count: > 0 }, $"{policy.Metadata.Name} lets out to anywhere");
                foreach (var block in rule.To.Select(static peer => peer.IpBlock).OfType<V1IPBlock>())
                    foreach (var address in closed)
                        Assert.False(Contains(block.Cidr, address) && !(block.Except ?? []).Any(except => Contains(except, address)), $"{policy.Metadata.Name} lets out to {address}");
            }
        }

        static bool Contains(string cidr, string address) => IPNetwork.Parse(cidr) is var network && network.BaseAddress.AddressFamily == IPAddress.Parse(address).AddressFamily && network.Contains(IPAddress.Parse(address));
    }
}
