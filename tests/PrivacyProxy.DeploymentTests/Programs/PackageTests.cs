namespace PrivacyProxy.DeploymentTests.Programs;

/// <summary>
/// The published program, the package and the image, whole. They take minutes, so they run where they are asked for: DEPLOY_TESTS=1, as
/// root, with debootstrap and podman. DEPLOY_PROGRAM and DEPLOY_ROOT name a published program and a Debian root that are there already.
/// </summary>
public sealed class PackageTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(20);

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task The_program_needs_no_runtime_and_takes_a_request_through()
    {
        Asked();
        var program = await ProgramAsync();
        var demo = await RunAsync("/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "HOME=" + _folder.Path, Path.Combine(program, "privacy-proxy"), "demo", "--once");
        Assert.Contains("refused", demo, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_package_is_installed_started_used_reloaded_and_purged_in_a_Debian_root()
    {
        Asked();
        var deb = (await RunAsync(Script("debian/build-deb.sh"), "amd64", await ProgramAsync(), _folder.Path)).Trim();
        Assert.EndsWith("-- done", (await RunAsync(Script("debian/try-deb.sh"), deb, await RootAsync())).Trim(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_image_runs_the_demo_read_only_and_without_a_capability()
    {
        Asked();
        Skip.IfNot(File.Exists("/usr/bin/podman"), "podman is not installed");
        var output = await RunAsync(Script("try-image.sh"), await ProgramAsync(), await RootAsync());
        Assert.Contains("65532:65532 [\"/app/privacy-proxy\"] [\"CMD\",\"/app/privacy-proxy\",\"health\"] privacy-proxy", output, StringComparison.Ordinal);
        Assert.Matches(@"\n65532\nCapEff:\s+0000000000000000\n", output);
        Assert.EndsWith("-- done", output.Trim(), StringComparison.Ordinal);
    }

    private static void Asked()
    {
        Skip.IfNot(Environment.GetEnvironmentVariable("DEPLOY_TESTS") == "1", "takes minutes: run with DEPLOY_TESTS=1");
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.IfNot(Environment.UserName == "root", "needs root");
    }

    private static string Script(string name) => Path.Combine(Product.RepositoryRoot!, "deploy", name);

    private async Task<string> ProgramAsync()
    {
        if (Environment.GetEnvironmentVariable("DEPLOY_PROGRAM") is { Length: > 0 } there) return there;
        await RunAsync(Script("publish.sh"), "linux-x64", _folder.File("program"));
        return _folder.File("program");
    }

    private async Task<string> RootAsync()
    {
        if (Environment.GetEnvironmentVariable("DEPLOY_ROOT") is { Length: > 0 } there) return there;
        Skip.IfNot(File.Exists("/usr/sbin/debootstrap"), "debootstrap is not installed");
        await RunAsync("/usr/sbin/debootstrap", "--variant=minbase", "--include=ca-certificates,libssl3", "bookworm", _folder.File("root"));
        return _folder.File("root");
    }

    /// <summary>Runs it to its end; its standard output.</summary>
    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using var child = ChildProcess.Start(program, arguments);
        using var deadline = new CancellationTokenSource(_patience);
        while (!child.HasExited) await Task.Delay(TimeSpan.FromMilliseconds(200), deadline.Token);
        var code = await child.WaitForExitAsync();
        Assert.True(code == 0, child.Log);
        return child.Output.Text + "\n";
    }
}
