using System.CommandLine;

namespace PrivacyProxy.LoadTests;

/// <summary>Every scenario is bounded, so every option is.</summary>
internal static class Bounds
{
    public static void Between<T>(Option<T> option, T least, T most) where T : struct, IComparable<T> => option.Validators.Add(result =>
    {
        if (result.Errors.Any() || result.Tokens.Count == 0) return;
        var value = result.GetValueOrDefault<T>();
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0) result.AddError($"{option.Name}: {value} is not between {least} and {most}.");
    });
}
