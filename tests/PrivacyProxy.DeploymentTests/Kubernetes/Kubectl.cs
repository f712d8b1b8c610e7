namespace PrivacyProxy.DeploymentTests.Kubernetes;

/// <summary>kubectl, by which overlays are rendered: Debian sid's, which test.sh unpacks, else the machine's.</summary>
internal static class Kubectl
{
    private static readonly Dictionary<string, Lazy<Task<Rendered>>> _overlays =
        Overlays.ToDictionary(static name => name, static name => new Lazy<Task<Rendered>>(() => RenderAsync(name)), StringComparer.Ordinal);

    public static string[] Overlays => ["dev", "production", "mcrouter", "two-hops", "attester", "auditor"];

    /// <summary>An overlay, rendered once for all tests; skips the test by name where kubectl is not to be had.</summary>
    public static Task<Rendered> OverlayAsync(string name)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.If(Program is null, "kubectl is not here (./test.sh unpacks it into .tools/sid)");
        return _overlays[name].Value;
    }

    public static string? Program { get; } =
        new[] { Product.RepositoryRoot is { } root ? Path.Combine(root, ".tools/sid/bin/kubectl8") : "" }
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(static folder => Path.Combine(folder, "kubectl")))
            .FirstOrDefault(File.Exists);

    private static async Task<Rendered> RenderAsync(string overlay)
    {
        var result = await ChildProcess.RunAsync(Program!, ["kustomize", Path.Combine(Product.RepositoryRoot!, "deploy/k8s/overlays", overlay)]);
        Assert.True(result.ExitCode == 0, result.Errors);
        return new Rendered(result.Output);
    }
}
