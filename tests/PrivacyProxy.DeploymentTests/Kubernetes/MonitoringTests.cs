using System.Text.Json;
using System.Text.RegularExpressions;
using k8s.Models;

namespace PrivacyProxy.DeploymentTests.Kubernetes;

/// <summary>What Prometheus, its adapter and Grafana are given in a cluster.</summary>
public sealed class MonitoringTests
{
    private const string Promtool = "/usr/bin/promtool";

    // Debian builds promtool without Kubernetes' discovery: everything else is checked.
    private static readonly Regex _discovery = new(@"kubernetes_sd_configs:\n\s+- role: pod\n\s+namespaces: \{ own_namespace: true \}");

    [SkippableFact]
    public async Task Promtool_takes_what_Prometheus_is_started_with()
    {
        var rendered = await Kubectl.OverlayAsync("production");
        Skip.IfNot(File.Exists(Promtool), "promtool is not installed");
        using var folder = new TemporaryDirectory();
        var prometheus = rendered.Workloads.Single(static one => one.Name == "prometheus");
        // Every file where the pod has it, below a folder of the test.
        foreach (var volume in prometheus.Template.Spec.Volumes.Where(static one => one.ConfigMap is not null))
        {
            var mounted = folder.Path + prometheus.Template.Spec.Containers[0].VolumeMounts.Single(one => one.Name == volume.Name).MountPath;
            Directory.CreateDirectory(mounted);
            foreach (var (name, text) in rendered.Find<V1ConfigMap>(prometheus.Namespace, volume.ConfigMap.Name)!.Data)
                await File.WriteAllTextAsync(Path.Combine(mounted, name), _discovery.Replace(text, "static_configs: [{ targets: [\"127.0.0.1:9090\"] }]").Replace("/etc/prometheus/", $"{folder.Path}/etc/prometheus/", StringComparison.Ordinal));
        }

        var config = folder.Path + prometheus.Template.Spec.Containers[0].Args.Single(static one => one.StartsWith("--config.file=", StringComparison.Ordinal))["--config.file=".Length..];
        var result = await ChildProcess.RunAsync(Promtool, ["check", "config", config]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Matches(@"\d+ rules found", result.Output);
    }

    [SkippableFact]
    public async Task Prometheus_scrapes_the_management_port_of_proxies_under_the_name_that_the_alerts_ask_for()
    {
        var rendered = await Kubectl.OverlayAsync("production");
        var settings = rendered.All<V1ConfigMap>().Single(static one => one.Metadata.Name == "prometheus-settings").Data["prometheus.yml"];
        var job = Regex.Match(settings, @"job_name: (\S+)").Groups[1].Value;
        Assert.All(Regex.Matches(await File.ReadAllTextAsync(Path.Combine(Product.RepositoryRoot!, "deploy/prometheus/rules.yml")), @"job=""([^""]+)""").Select(static match => match.Groups[1].Value), one => Assert.Equal(job, one));
        var proxy = rendered.Workloads.Single(static one => one.Name == "proxy");
        var label = Regex.Match(settings, @"__meta_kubernetes_pod_label_app_kubernetes_io_name\], regex: (\S+),").Groups[1].Value;
        Assert.Equal(label, proxy.Template.Metadata.Labels["app.kubernetes.io/name"]);
        var port = Regex.Match(settings, @"__meta_kubernetes_pod_container_port_name\], regex: (\S+),").Groups[1].Value;
        Assert.Contains(proxy.Ports, one => one.Name == port);
    }

    [SkippableFact]
    public async Task The_autoscaler_goes_by_a_metric_that_proxies_show_and_the_adapter_has_a_rule_for()
    {
        var rendered = await Kubectl.OverlayAsync("production");
        var scaler = Assert.Single(rendered.All<V2HorizontalPodAutoscaler>());
        Assert.Contains(scaler.Spec.Metrics, static metric => metric.Resource?.Name == "cpu");
        var name = scaler.Spec.Metrics.Single(static metric => metric.Pods is not null).Pods.Metric.Name;
        Assert.Contains($"seriesQuery: '{name}{{", rendered.All<V1ConfigMap>().Single(static one => one.Metadata.Name == "prometheus-adapter-rules").Data["config.yaml"], StringComparison.Ordinal);
        await using var proxy = await ProxyProcess.StartAsync(["--psk", "k"]);
        using var client = new HttpClient();
        Assert.Contains($"# TYPE {name} gauge", await client.GetStringAsync(new Uri(proxy.Management, "/metrics")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Grafana_is_given_the_dashboard_of_the_repository()
    {
        var rendered = await Kubectl.OverlayAsync("production");
        var map = rendered.All<V1ConfigMap>().Single(static one => one.Metadata.Labels?.ContainsKey("grafana_dashboard") == true);
        using var dashboard = JsonDocument.Parse(Assert.Single(map.Data).Value);
        Assert.NotEqual(0, dashboard.RootElement.GetProperty("panels").GetArrayLength());
    }
}
