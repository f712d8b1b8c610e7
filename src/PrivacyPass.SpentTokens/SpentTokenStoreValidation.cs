using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace PrivacyPass.SpentTokens;

/// <summary>Says what is wrong with options, by their attributes and <see cref="IValidatableObject"/>, those of the chosen store too.</summary>
internal sealed class SpentTokenStoreValidation : IValidateOptions<SpentTokenStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, SpentTokenStoreOptions options)
    {
        List<string> problems = [.. ProblemsOf(options, "")];
        if (options.Store == SpentTokenStoreKind.Sqlite) problems.AddRange(ProblemsOf(options.Sqlite, $"{nameof(options.Sqlite)}:"));
        if (options.Store == SpentTokenStoreKind.Memcached)
        {
            problems.AddRange(ProblemsOf(options.Memcached, $"{nameof(options.Memcached)}:"));
            problems.AddRange(ProblemsOf(options.Memcached.Tls, $"{nameof(options.Memcached)}:{nameof(options.Memcached.Tls)}:"));
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> ProblemsOf(object section, string prefix)
    {
        List<ValidationResult> results = [];
        Validator.TryValidateObject(section, new ValidationContext(section), results, validateAllProperties: true);
        return results.Select(result => $"SpentTokens: {prefix}{string.Join(", ", result.MemberNames)}: expected {result.ErrorMessage}");
    }
}
