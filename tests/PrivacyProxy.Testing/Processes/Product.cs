namespace PrivacyProxy.Testing.Processes;

/// <summary>Where the built executable lies.</summary>
internal static class Product
{
    /// <summary>privacy-proxy.dll: where test.sh has compiled it ahead of time, or copied beside the tests by the project reference.</summary>
    public static string Assembly { get; } = Environment.GetEnvironmentVariable("PRIVACY_PROXY_ASSEMBLY") is { Length: > 0 } compiled ? compiled : Path.Combine(AppContext.BaseDirectory, "privacy-proxy.dll");

    /// <summary>The root of the checkout, found by its solution file; null when the tests run elsewhere.</summary>
    public static string? RepositoryRoot { get; } = FindRoot();

    private static string? FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PrivacyProxy.sln")))
            directory = directory.Parent;
        return directory?.FullName;
    }
}
