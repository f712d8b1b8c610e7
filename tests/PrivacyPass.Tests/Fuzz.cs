using FsCheck;

namespace PrivacyPass.Tests;

/// <summary>Runs a property on many more inputs than FsCheck's 100, for parsers of what anyone may send.</summary>
internal static class Fuzz
{
    private static readonly Config _config = Config.QuickThrowOnFailure.WithMaxTest(1000);

    public static void ThrowOnFailure(Property property) => Check.One(_config, property);
}
