using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using PrivacyPass.Issuance;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyProxy.Commands;
using PrivacyProxy.Commands.Attester;
using PrivacyProxy.Commands.Auditor;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.SpentTokens;
using TransparencyLog.Notes;

namespace PrivacyProxy.DeploymentTests.Kubernetes;

/// <summary>What an overlay tells our program is what it takes, and what it says of the rest of the overlay is true.</summary>
public sealed class SettingsTests : IDisposable
{
    private const string Credentials = "CREDENTIALS_DIRECTORY";

    private readonly TemporaryDirectory _folder = new();

    /// <summary>Stands where the operator writes the one that an issuer tells.</summary>
    private static string LogKey { get; } = MakeLogKey();

    public static TheoryData<string> Overlays => [.. Kubectl.Overlays];

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Every_argument_variable_and_file_is_a_setting_that_the_program_takes(string overlay)
    {
        var rendered = await Kubectl.OverlayAsync(overlay);
        foreach (var pod in Ours(rendered))
        {
            var container = pod.Template.Spec.Containers[0];
            var arguments = RootCommandFactory.Create().Parse([.. container.Args]);
            Assert.Empty(arguments.Errors);
            foreach (var variable in container.Env ?? [])
                Assert.True(variable.Name == Credentials ? container.VolumeMounts.Any(mount => mount.MountPath == variable.Value) : variable.Name.StartsWith("Privacy", StringComparison.Ordinal), $"{pod}: {variable.Name}");
            var configuration = Configuration(rendered, pod);
            if (arguments.CommandResult.Command.Name == "issuer")
            {
                var issuer = OptionsReader.Read<IssuerSettings>(configuration.GetSection(IssuerSettings.Section));
                Assert.Equal("PersistentVolumeClaim", MountOf(pod, issuer.Data));
                AssertPorts(container, issuer.Urls.Select(static url => Parse(url)), "TCP");
                if (issuer.Certificate is not null) AssertCertificate(rendered, pod, issuer.Name!);
            }
            else if (arguments.CommandResult.Command.Name == "attester")
            {
                var attester = OptionsReader.Read<AttesterSettings>(configuration.GetSection(AttesterSettings.Section));
                Assert.Equal("PersistentVolumeClaim", MountOf(pod, attester.Data));
                AssertPorts(container, [.. attester.Urls.Select(static url => Parse(url)), Parse(attester.Management)], "TCP");
                AssertCertificate(rendered, pod, "attester.example");
            }
            else if (arguments.CommandResult.Command.Name == "auditor")
            {
                var auditor = OptionsReader.Read<AuditorSettings>(configuration.GetSection(AuditorSettings.Section));
                Assert.Equal("PersistentVolumeClaim", MountOf(pod, auditor.Data));
                AssertPorts(container, auditor.Urls.Select(static url => Parse(url)), "TCP");
                AssertCertificate(rendered, pod, auditor.Name!);
            }
            else
            {
                var proxy = OptionsReader.Read<ProxyOptions>(configuration.GetSection(ProxyOptions.Section));
                AssertPorts(container, [.. proxy.ListenUrls, Parse(proxy.Management)], "TCP");
                AssertPorts(container, proxy.ListenUrls.Where(static url => url.Tls), "UDP");
                if (proxy.Tls.Certificate is null) Assert.Equal("EmptyDir", MountOf(pod, proxy.Tls.Data));
                else AssertCertificate(rendered, pod, proxy.Name!);
                AssertKeyLog(rendered, pod, proxy.KeyLog);
                AssertEnd(pod, proxy);
                AssertStore(rendered, pod, proxy.SpentTokens);
                if (proxy.Telemetry.Otlp.Endpoint is { } collector)
                    Assert.Contains(rendered.Find<V1Service>(pod.Namespace, new Uri(collector).Host)!.Spec.Ports, port => port.Port == new Uri(collector).Port);
                AssertIssuers(rendered, pod, proxy);
            }
        }
    }

    [SkippableFact]
    public async Task The_secrets_of_the_readme_are_settings_and_those_that_the_overlays_mount()
    {
        var rendered = await Kubectl.OverlayAsync("production");
        var readme = await File.ReadAllTextAsync(Path.Combine(Product.RepositoryRoot!, "deploy/k8s/README.md"));
        var attested = await Kubectl.OverlayAsync("attester");
        foreach (var (overlay, secret, pod, key) in new[]
        {
            (rendered, "issuer-credentials", "issuer", "PrivacyIssuer__BearerKeys__0__Key"),
            (rendered, "proxy-credentials", "proxy", "PrivacyProxy__Authentication__PresharedKeys__0"),
            (attested, "attester-credentials", "attester", "PrivacyAttester__BearerKeys__0__Key"),
        })
        {
            Assert.Contains(secret, readme, StringComparison.Ordinal);
            Assert.Contains(key, readme, StringComparison.Ordinal);
            var workload = overlay.Workloads.Single(one => one.Name == pod);
            var volume = workload.Template.Spec.Volumes.Single(one => one.Secret?.SecretName == secret);
            var container = workload.Template.Spec.Containers[0];
            Assert.Equal(container.Env.Single(static one => one.Name == Credentials).Value, container.VolumeMounts.Single(mount => mount.Name == volume.Name).MountPath);
        }
    }

    [SkippableFact]
    public async Task The_command_of_the_readme_makes_the_secret_that_the_issuer_mounts()
    {
        var rendered = await Kubectl.OverlayAsync("production");
        var readme = await File.ReadAllTextAsync(Path.Combine(Product.RepositoryRoot!, "deploy/k8s/README.md"));
        var command = readme.Split('\n').Single(static line => line.StartsWith("kubectl -n privacy-proxy create secret", StringComparison.Ordinal));
        var made = await ChildProcess.RunAsync("bash", ["-c", $"kubectl() {{ '{Kubectl.Program}' \"$@\" --dry-run=client -o yaml; }}; {command}"]);
        Assert.True(made.ExitCode == 0, made.Errors);
        var secret = KubernetesYaml.Deserialize<V1Secret>(made.Output, strict: true);
        var issuer = rendered.Workloads.Single(static one => one.Name == "issuer");
        Assert.Contains(issuer.Template.Spec.Volumes, volume => volume.Secret?.SecretName == secret.Metadata.Name && issuer.Namespace == secret.Metadata.NamespaceProperty);
        var settings = secret.Data.ToDictionary(static one => one.Key.Replace("__", ":", StringComparison.Ordinal), static one => (string?)Encoding.ASCII.GetString(one.Value), StringComparer.Ordinal);
        settings["PrivacyIssuer:TokenTypes:0"] = "2";
        settings["PrivacyIssuer:Attester"] = "Bearer";
        Assert.Single(OptionsReader.Read<IssuerSettings>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection(IssuerSettings.Section)).BearerKeys);
    }

    [SkippableFact]
    public void The_settings_of_mcrouter_are_those_of_the_page_on_spent_tokens()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var page = File.ReadAllText(Path.Combine(Product.RepositoryRoot, "docs/spent-tokens.md")).Split("\n```").Single(static block => block.Contains("\"pools\"", StringComparison.Ordinal));
        var deployed = File.ReadAllText(Path.Combine(Product.RepositoryRoot, "deploy/k8s/components/mcrouter/mcrouter.json"));
        Assert.Equal(Shape(page[page.IndexOf('{', StringComparison.Ordinal)..]), Shape(deployed));

        // Pools and servers have other names there.
        static string Shape(string json) => Regex.Replace(JsonNode.Parse(json)!.ToJsonString().Replace("spent", "tokens", StringComparison.Ordinal), "\"[^\"]+:11211\"", "\"server\"");
    }

    [SkippableFact]
    public async Task Every_probe_is_answered_by_the_program()
    {
        var rendered = await Kubectl.OverlayAsync("production");
        await using var proxy = await ProxyProcess.StartAsync(["--psk", "k"]);
        await using var issuer = ChildProcess.StartProduct(["issuer", "--urls", "http://127.0.0.1:0", "--token-types", "2", "--data", _folder.File("keys")]);
        await using var auditor = ChildProcess.StartProduct(["auditor", "--urls", "http://127.0.0.1:0", "--data", _folder.File("audited"), "--issuer", "http://127.0.0.1:9", "--log-key", LogKey]);
        await using var attester = ChildProcess.StartProduct(
            ["attester", "--urls", "http://127.0.0.1:0", "--management", "none", "--data", _folder.File("attested"), "--issuer", "http://127.0.0.1:9"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyAttester__BearerKeys__0__Key"] = new string('k', 48) });
        var urls = new[] { (await issuer.WaitUntilReadyAsync())[0], (await auditor.WaitUntilReadyAsync())[0], (await attester.WaitUntilReadyAsync())[0] };
        var attested = await Kubectl.OverlayAsync("attester");
        var audited = await Kubectl.OverlayAsync("auditor");
        using var client = new HttpClient();
        var asked = 0;
        foreach (var (overlay, name, port, url) in new[] { (rendered, "proxy", "management", proxy.Management), (rendered, "issuer", "http", urls[0]), (audited, "auditor", "http", urls[1]), (attested, "attester", "management", urls[2]) })
        {
            var container = overlay.Workloads.Single(one => one.Name == name).Template.Spec.Containers[0];
            foreach (var probe in new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe })
            {
                Assert.Equal(port, probe.HttpGet.Port.Value);
                using var answer = await client.GetAsync(new Uri(url, probe.HttpGet.Path));
                Assert.True(answer.IsSuccessStatusCode, $"{name} {probe.HttpGet.Path}: {answer.StatusCode}");
                asked++;
            }

            // What is asked whether to kill it must not depend on others.
            Assert.Equal("/healthz", container.LivenessProbe.HttpGet.Path);
        }

        Assert.Equal(12, asked);
    }

    private static string MakeLogKey()
    {
        using var signer = NoteSigner.Generate("issuer.example" + IssuerDirectoryLog.Path, NoteKeyKind.Note);
        return signer.Key.ToString();
    }

    private static List<Workload> Ours(Rendered rendered)
    {
        var ours = rendered.Workloads.Where(static one => one.Template.Spec.Containers[0].Image.Contains("/privacy-proxy:", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(ours);
        return ours;
    }

    /// <summary>The file that --config names, out of its ConfigMap, and the environment; certificates stand in a folder of the test.</summary>
    private IConfiguration Configuration(Rendered rendered, Workload pod)
    {
        var container = pod.Template.Spec.Containers[0];
        var path = container.Args[container.Args.IndexOf("--config") + 1];
        var mount = container.VolumeMounts.Single(mount => Path.GetDirectoryName(path) == mount.MountPath);
        var map = pod.Template.Spec.Volumes.Single(volume => volume.Name == mount.Name).ConfigMap.Name;
        var text = rendered.Find<V1ConfigMap>(pod.Namespace, map)!.Data[Path.GetFileName(path)];
        foreach (var file in new[] { "tls.crt", "tls.key" }) File.WriteAllText(_folder.File(file), "stands for a certificate");
        text = text.Replace("/etc/privacy-proxy/tls/", _folder.Path + "/", StringComparison.Ordinal).Replace("LOG_KEY", LogKey, StringComparison.Ordinal);
        return new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(text)))
            .AddInMemoryCollection((container.Env ?? []).Select(static one => KeyValuePair.Create(one.Name.Replace("__", ":", StringComparison.Ordinal), (string?)one.Value)))
            .AddInMemoryCollection(Secrets(pod)).Build();
    }

    /// <summary>What the secrets that are made by hand hold.</summary>
    private static Dictionary<string, string?> Secrets(Workload pod) =>
        (pod.Template.Spec.Volumes ?? []).Any(static volume => volume.Secret is { SecretName: "issuer-credentials", Optional: not true })
            ? new() { ["PrivacyIssuer:BearerKeys:0:Key"] = new string('k', 48) }
            : (pod.Template.Spec.Volumes ?? []).Any(static volume => volume.Secret is { SecretName: "attester-credentials", Optional: not true })
                ? new() { ["PrivacyAttester:BearerKeys:0:Key"] = new string('k', 48) }
                : [];

    /// <summary>Who asks for the log is answered by any replica: all have one, and on a disk.</summary>
    private static void AssertKeyLog(Rendered rendered, Workload pod, KeyLogOptions options)
    {
        if (!options.Enabled) return;
        Assert.Equal("PersistentVolumeClaim", MountOf(pod, options.Folder!));
        var mount = pod.Template.Spec.Containers[0].VolumeMounts.Single(one => options.Folder!.StartsWith(one.MountPath + "/", StringComparison.Ordinal));
        var claim = pod.Template.Spec.Volumes.Single(one => one.Name == mount.Name).PersistentVolumeClaim.ClaimName;
        Assert.Equal(["ReadWriteMany"], rendered.Find<V1PersistentVolumeClaim>(pod.Namespace, claim)!.Spec.AccessModes);
    }

    private static ListenUrl Parse(string text) => ListenUrl.TryParse(text, out var url) ? url : throw new FormatException(text);

    private static void AssertPorts(V1Container container, IEnumerable<ListenUrl> urls, string protocol) =>
        Assert.Equal(urls.Select(static url => url.Port).Order(), container.Ports.Where(port => port.Protocol == protocol).Select(static port => port.ContainerPort).Order());

    /// <summary>Of what kind the volume is in which a path lies.</summary>
    private static string? MountOf(Workload pod, string path)
    {
        var mount = pod.Template.Spec.Containers[0].VolumeMounts.Single(one => path.StartsWith(one.MountPath + "/", StringComparison.Ordinal));
        return pod.Template.Spec.Volumes.Single(one => one.Name == mount.Name) switch
        {
            { PersistentVolumeClaim: not null } => "PersistentVolumeClaim",
            { EmptyDir: not null } => "EmptyDir",
            { Secret: not null } => "Secret",
            _ => null,
        };
    }

    /// <summary>The certificate is mounted where the settings look for it, and is one for the name that clients use.</summary>
    private static void AssertCertificate(Rendered rendered, Workload pod, string name)
    {
        var mount = pod.Template.Spec.Containers[0].VolumeMounts.Single(static one => one.MountPath == "/etc/privacy-proxy/tls");
        var secret = pod.Template.Spec.Volumes.Single(one => one.Name == mount.Name).Secret.SecretName;
        var certificate = rendered.All<CertManagerCertificate>().Single(one => one.Metadata.NamespaceProperty == pod.Namespace && one.Spec.SecretName == secret);
        Assert.Equal([name], certificate.Spec.DnsNames);
    }

    /// <summary>Kubernetes waits for longer than the pod takes to end.</summary>
    private static void AssertEnd(Workload pod, ProxyOptions options)
    {
        var before = pod.Template.Spec.Containers[0].Lifecycle.PreStop.Sleep.Seconds;
        Assert.True(before > 0);
        Assert.True(TimeSpan.FromSeconds(pod.Template.Spec.TerminationGracePeriodSeconds!.Value - before) >= options.Drain.Timeout + TimeSpan.FromSeconds(5), $"{pod}");
    }

    private static void AssertStore(Rendered rendered, Workload pod, SpentTokenOptions options)
    {
        Assert.Equal(SpentTokenStoreKind.Memcached, options.Store);
        var memcached = rendered.Workloads.Single(one => one.Namespace == pod.Namespace && one.Name == "memcached");
        var named = Enumerable.Range(0, memcached.Replicas!.Value).Select(static i => string.Create(CultureInfo.InvariantCulture, $"memcached-{i}.memcached:11211")).ToList();
        if (options.Memcached.Topology == MemcachedTopology.Nodes) Assert.Equal(named, options.Memcached.Servers);
        else
        {
            var router = pod.Template.Spec.InitContainers.Single(static one => one.Name == "mcrouter");
            Assert.Contains($"--port={options.Memcached.Servers[0].Split(':')[1]}", router.Args);
            var mount = router.VolumeMounts.First();
            var settings = rendered.Find<V1ConfigMap>(pod.Namespace, pod.Template.Spec.Volumes.Single(one => one.Name == mount.Name).ConfigMap.Name)!.Data["mcrouter.json"];
            foreach (var server in named) Assert.Contains($"\"{server}\"", settings, StringComparison.Ordinal);
            Assert.Contains($"file:{mount.MountPath}/mcrouter.json", string.Join(' ', router.Args), StringComparison.Ordinal);
        }

        var container = memcached.Template.Spec.Containers[0];
        Assert.Contains("-M", container.Args);
        var megabytes = int.Parse(container.Args[container.Args.IndexOf("-m") + 1], CultureInfo.InvariantCulture);
        // Its hash table and connections come on top of what it keeps.
        Assert.True(container.Resources.Limits["memory"].ToDecimal() >= megabytes * 1024m * 1024 * 1.1m, $"{memcached}");
    }

    /// <summary>The issuers are those of the namespace, by the name that they give themselves.</summary>
    private static void AssertIssuers(Rendered rendered, Workload pod, ProxyOptions options)
    {
        var issuer = Assert.Single(options.Issuers);
        Assert.Equal(issuer.Name, new Uri(issuer.Directory!).Authority);
        var settings = rendered.Find<V1ConfigMap>(pod.Namespace, "issuer-settings")!.Data["settings.json"];
        Assert.Contains($"\"Name\": \"{issuer.Name}\"", settings, StringComparison.Ordinal);
    }
}
