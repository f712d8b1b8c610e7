namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Programs newer than Debian stable's, which test.sh unpacks into .tools/sid.</summary>
internal static class SidProgram
{
    /// <summary>The path of one, null where it is not; an environment variable of its name in capitals comes first.</summary>
    public static string? Find(string name)
    {
        string?[] places =
        [
            Environment.GetEnvironmentVariable(name.ToUpperInvariant()),
            Product.RepositoryRoot is { } root ? Path.Combine(root, ".tools/sid/bin", name) : null,
        ];
        return places.FirstOrDefault(File.Exists);
    }

    /// <summary>Skips the test by name where the program is not.</summary>
    public static string Require(string name)
    {
        var path = Find(name);
        Skip.If(path is null, $"{name} is not here (./test.sh unpacks it into .tools/sid)");
        return path!;
    }
}
