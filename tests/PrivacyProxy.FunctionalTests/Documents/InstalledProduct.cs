namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>
/// A machine with <c>privacy-proxy</c> on its path, an own home and an empty folder to stand in: what a page that says
/// <c>privacy-proxy ...</c> is written for. The caller's words in the commands are replaced by what is here, all else is as written.
/// </summary>
internal sealed class InstalledProduct : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public InstalledProduct()
    {
        Directory.CreateDirectory(_directory.File("bin"));
        Directory.CreateDirectory(Here);
        var program = _directory.File("bin/privacy-proxy");
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet exec '{Product.Assembly}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The folder that commands run in.</summary>
    public string Here => _directory.File("here");

    public string PathOf(string name) => _directory.File(name);

    /// <summary>Runs commands in bash, which stops at the first that fails.</summary>
    /// <param name="script">The commands.</param>
    /// <param name="environment">Settings that the page leaves to its reader.</param>
    public ChildProcess Start(string script, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start("bash", ["-euo", "pipefail", "-c", $"cd '{Here}'; trap 'kill $(jobs -p) 2> /dev/null || true' EXIT; {script}"], new Dictionary<string, string>(environment ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["HOME"] = _directory.Path,
            ["XDG_DATA_HOME"] = "",
            ["PATH"] = $"{_directory.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
        });

    public void Dispose() => _directory.Dispose();
}
